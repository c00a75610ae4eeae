# The warnings every target of the project is built with; each is an error. Sanitizers are chosen here too.
add_library(motet_warnings INTERFACE)
target_compile_options(motet_warnings INTERFACE -Wall -Wextra -Werror -Wshadow -Wcast-align -Wno-missing-field-initializers)
# GCC 12 finds these in inlined parts of the standard library at -O3, where they are not (GCC bugs 105651, 105562, 107852).
# The other presets keep them.
target_compile_options(motet_warnings INTERFACE "$<$<AND:$<CONFIG:Release>,$<COMPILE_LANG_AND_ID:CXX,GNU>>:-Wno-restrict;-Wno-maybe-uninitialized;-Wno-stringop-overflow;-Wno-array-bounds>")
if(MOTET_SANITIZE)
    add_compile_options(-fsanitize=${MOTET_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${MOTET_SANITIZE})
    if(MOTET_SANITIZE MATCHES "undefined")
        add_compile_options(-fno-sanitize-recover=undefined)
    endif()
endif()
