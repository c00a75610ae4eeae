#include "core/remote/ipc_place.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace motet {

static Status check_directory(const std::string &directory) {
    struct stat status = {};
    if (directory.empty()) {
        return Status(Code::BAD_VALUE, "remote.ipc.directory: remote.transport is ipc, and needs it");
    }
    if (stat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        return Status(Code::BAD_VALUE, "remote.ipc.directory: \"" + directory +
                                           "\" is no directory; make it with: " + "mkdir -m 700 " + directory);
    }
    if ((status.st_mode & 022) != 0 || (status.st_uid != geteuid() && status.st_uid != 0)) {
        return Status(Code::BAD_VALUE, "remote.ipc.directory: others than the user of this process can change \"" +
                                           directory + "\"; give it to that user, and run: chmod go-w " + directory);
    }
    return {};
}

Result<IpcPlace> IpcPlace::take(const std::string &directory, const std::string &name) {
    if (Status checked = check_directory(directory); !checked.ok()) {
        return checked;
    }
    const std::string path = directory + "/" + name;
    constexpr size_t kMost = sizeof(sockaddr_un::sun_path) - 1;
    if (path.size() > kMost) {
        return Status(Code::BAD_VALUE, "remote.ipc.directory: the path of a local socket has at most " +
                                           std::to_string(kMost) + " bytes, and \"" + path + "\" has " +
                                           std::to_string(path.size()));
    }
    IpcPlace place(::open((path + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (place.lock_ < 0) {
        return Status(Code::TRANSPORT, "cannot write \"" + path + ".lock\": " + std::strerror(errno));
    }
    if (flock(place.lock_, LOCK_EX | LOCK_NB) != 0) {
        return Status(Code::ADDRESS_IN_USE, "another node listens at the local socket \"" + path + "\"");
    }
    return place;
}

std::string IpcPlace::endpoint(const std::string &directory, const std::string &name) {
    return "ipc://" + directory + "/" + name;
}

IpcPlace::~IpcPlace() {
    if (lock_ >= 0) {
        ::close(lock_);
    }
}

}  // namespace motet
