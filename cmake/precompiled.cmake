# Under a sanitizer everything is compiled once more than it would have to be, so there what nearly every source includes is
# read once for all of a target. The dev preset goes without: there each file must include what it uses.
function(motet_precompile target)
    if(MOTET_SANITIZE)
        target_precompile_headers(${target} PRIVATE ${ARGN} <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint>
            <cstring> <functional> <map> <memory> <mutex> <optional> <set> <string> <string_view> <thread> <unordered_map>
            <utility> <variant> <vector>)
        target_compile_options(${target} PRIVATE -fpch-preprocess)  # for compiler caches
    endif()
endfunction()

# Has a target use what another one has read; both are compiled with the same options.
function(motet_reuse_precompiled target of)
    if(MOTET_SANITIZE)
        target_precompile_headers(${target} REUSE_FROM ${of})
        target_compile_options(${target} PRIVATE -fpch-preprocess)
    endif()
endfunction()
