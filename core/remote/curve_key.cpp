#include "core/remote/curve_key.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

namespace motet {

namespace {

constexpr size_t kMaxFile = 1 << 20;
constexpr size_t kZ85Size = 40;

using Z85 = std::array<char, kZ85Size + 1>;

class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor() {
        if (fd_ >= 0) {
            ::close(fd_);
        }
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;
    int get() const { return fd_; }

  private:
    const int fd_;
};

Status io_error(const std::string &what, const std::string &path) {
    return Status(Code::IO, what + " \"" + path + "\": " + std::strerror(errno));
}

Status no_curve() {
    return Status(Code::TRANSPORT, "the ZeroMQ library of this machine was built without CURVE; install one that was "
                                   "built with libsodium");
}

std::string octal(mode_t mode) {
    std::string text;
    for (int shift = 6; shift >= 0; shift -= 3) {
        text += static_cast<char>('0' + (mode >> shift & 7));
    }
    return "0" + text;
}

// Who else could read or change a file; empty: nobody.
Status check_guard(const std::string &path, const struct stat &file, bool unreadable) {
    if (!S_ISREG(file.st_mode)) {
        return Status(Code::BAD_VALUE, "\"" + path + "\" is not a file");
    }
    const mode_t forbidden = unreadable ? 077 : 022;
    if ((file.st_mode & forbidden) != 0) {
        return Status(Code::BAD_VALUE, "\"" + path + "\" can be " + (unreadable ? "read" : "changed") +
                                           " by others than its owner (its mode is " + octal(file.st_mode) +
                                           "); run: chmod " + (unreadable ? "600 " : "go-w ") + path);
    }
    if (file.st_uid != geteuid() && file.st_uid != 0) {
        return Status(Code::BAD_VALUE, "\"" + path + "\" belongs to user " + std::to_string(file.st_uid) +
                                           ", but this process runs as user " + std::to_string(geteuid()) +
                                           "; give it to that one");
    }
    return {};
}

// Leaves nothing behind when it fails.
Status write_new_file(const std::string &path, mode_t mode, const std::string &text) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (file.get() < 0) {
        return errno == EEXIST
                   ? Status(Code::NAME_TAKEN, "\"" + path + "\" exists already, and keys are never overwritten")
                   : io_error("cannot write", path);
    }
    const auto size = static_cast<ssize_t>(text.size());
    if (fchmod(file.get(), mode) != 0 || ::write(file.get(), text.data(), text.size()) != size ||
        fsync(file.get()) != 0) {
        Status failed = io_error("cannot write", path);
        ::unlink(path.c_str());
        return failed;
    }
    return {};
}

CurveKey decode(const Z85 &text) {
    CurveKey key = {};
    zmq_z85_decode(key.data(), text.data());
    return key;
}

}  // namespace

std::string key_text(const CurveKey &key) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    for (const uint8_t byte : key) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

std::optional<CurveKey> parse_key(std::string_view text) {
    CurveKey key = {};
    if (text.size() != 2 * key.size()) {
        return std::nullopt;
    }
    for (size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0) {
            return std::nullopt;
        }
        key[i / 2] = static_cast<uint8_t>(key[i / 2] << 4 | digit);
    }
    return key;
}

Result<CurveKeyPair> CurveKeyPair::make() {
    Z85 open = {};
    Z85 secret = {};
    if (zmq_has("curve") == 0 || zmq_curve_keypair(open.data(), secret.data()) != 0) {
        return no_curve();
    }
    return CurveKeyPair{decode(secret), decode(open)};
}

Result<CurveKeyPair> CurveKeyPair::of_secret(const CurveKey &secret) {
    Z85 text = {};
    Z85 open = {};
    zmq_z85_encode(text.data(), secret.data(), secret.size());
    if (zmq_has("curve") == 0 || zmq_curve_public(open.data(), text.data()) != 0) {
        return no_curve();
    }
    return CurveKeyPair{secret, decode(open)};
}

Result<CurveKeyPair> CurveKeyPair::read(const std::string &path) {
    const Result<std::string> text = read_guarded_file(path, true);
    if (!text.ok()) {
        return Status(text.status().code(), text.status().message());
    }
    const std::optional<CurveKey> secret = parse_key(std::string_view(text.value()).substr(0, text.value().find('\n')));
    if (!secret) {
        return Status(Code::BAD_VALUE,
                      "\"" + path + "\" holds no secret key; make one with: motet-keygen <another file>");
    }
    return of_secret(*secret);
}

Status CurveKeyPair::write(const std::string &path) const {
    if (access((path + ".pub").c_str(), F_OK) == 0) {
        return Status(Code::NAME_TAKEN, "\"" + path + ".pub\" exists already, and keys are never overwritten");
    }
    if (Status status = write_new_file(path, 0600, key_text(secret) + "\n"); !status.ok()) {
        return status;
    }
    Status status = write_new_file(path + ".pub", 0644, key_text(open) + "\n");
    if (!status.ok()) {
        ::unlink(path.c_str());
    }
    return status;
}

Result<std::string> read_guarded_file(const std::string &path, bool unreadable) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    struct stat status = {};
    if (file.get() < 0 || fstat(file.get(), &status) != 0) {
        return io_error("cannot read", path);
    }
    if (Status checked = check_guard(path, status, unreadable); !checked.ok()) {
        return checked;
    }
    std::string text;
    std::array<char, 4096> bytes = {};
    ssize_t count = 0;
    while ((count = ::read(file.get(), bytes.data(), bytes.size())) > 0) {
        text.append(bytes.data(), static_cast<size_t>(count));
        if (text.size() > kMaxFile) {
            return Status(Code::BAD_VALUE, "\"" + path + "\" is larger than 1 MiB");
        }
    }
    if (count < 0) {
        return io_error("cannot read", path);
    }
    if (!text.empty() && text.back() != '\n') {
        text += '\n';
    }
    return text;
}

}  // namespace motet
