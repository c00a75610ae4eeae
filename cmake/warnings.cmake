# The warnings every target of the project is built with; each is an error. Sanitizers are chosen here too.
add_library(motet_warnings INTERFACE)
target_compile_options(motet_warnings INTERFACE -Wall -Wextra -Werror -Wshadow -Wcast-align -Wno-missing-field-initializers)
# GCC 12 finds these in inlined parts of the standard library at -O3 and under the sanitizers, where they are not (GCC bugs
# 105651, 105562, 107852). The dev preset keeps them.
if(MOTET_SANITIZE OR CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(motet_warnings INTERFACE "$<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict;-Wno-maybe-uninitialized;-Wno-stringop-overflow;-Wno-stringop-overread;-Wno-array-bounds>")
endif()
if(MOTET_SANITIZE)
    add_compile_options(-fsanitize=${MOTET_SANITIZE} -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${MOTET_SANITIZE})
    if(MOTET_SANITIZE MATCHES "undefined")
        add_compile_options(-fno-sanitize-recover=undefined)
    endif()
endif()
