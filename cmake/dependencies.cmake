# What the engine stands on, all from the distribution. docs/architecture.md says why each is there.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(libzmq REQUIRED IMPORTED_TARGET libzmq>=4.3.4)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h REQUIRED)
find_path(CPPZMQ_INCLUDE_DIR zmq.hpp REQUIRED)
find_path(MSGPACK_INCLUDE_DIR msgpack.hpp REQUIRED)

# MessagePack for C++, without Boost.
add_library(motet_msgpack INTERFACE)
target_include_directories(motet_msgpack SYSTEM INTERFACE ${MSGPACK_INCLUDE_DIR})
target_compile_definitions(motet_msgpack INTERFACE MSGPACK_NO_BOOST)

# TOML, as headers only: one shared library less that an installed program needs.
add_library(motet_toml INTERFACE)
target_include_directories(motet_toml SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE_DIR})
target_compile_definitions(motet_toml INTERFACE TOML_HEADER_ONLY=1 TOML_EXCEPTIONS=0)
