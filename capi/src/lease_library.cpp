#include "capi/src/lease_library.h"

#include <dlfcn.h>

#include <string>

#include "capi/src/config.h"

namespace motet::capi {

namespace {

constexpr const char *kLibrary = "libmotet-etcd.so.0";
constexpr const char *kFunction = "motet_etcd_keep_leases";  // etcd/src/plugin.h

using KeepLeases = int32_t(motet_system_t *, motet_config_t *, char *problem, size_t capacity);

// Beside the library of the engine, else where the system looks for libraries. Never closed: it has threads.
void *open_library() {
    Dl_info engine{};
    if (dladdr(reinterpret_cast<void *>(&keep_leases), &engine) != 0 && engine.dli_fname != nullptr) {
        const std::string path = engine.dli_fname;
        const std::string beside = path.substr(0, path.rfind('/') + 1) + kLibrary;
        if (void *library = dlopen(beside.c_str(), RTLD_NOW | RTLD_LOCAL)) {
            return library;
        }
    }
    return dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
}

}  // namespace

Status keep_leases(motet_system_t *system, const motet_config_t *config) {
    if (config == nullptr || config->config.text("cluster.downing.lease") != "etcd") {
        return {};
    }
    void *library = open_library();
    auto *keep = library == nullptr ? nullptr : reinterpret_cast<KeepLeases *>(dlsym(library, kFunction));
    if (keep == nullptr) {
        return {Code::IO, "cluster.downing.lease = \"etcd\" needs the library " + std::string(kLibrary) +
                              ", beside that of the engine or where the system looks for libraries: " + dlerror()};
    }
    motet_config own{config->config, ""};
    char problem[1024] = "";
    const int32_t code = keep(system, &own, problem, sizeof(problem));
    return code == MOTET_OK ? Status() : Status(static_cast<Code>(code), problem);
}

}  // namespace motet::capi
