// Package raw is the C interface of Motet, call by call, as SWIG 4.1 wraps it (scripts/generate-go). Handles are
// uintptr, bytes are slices read or filled during the call. It knows nothing of what the values mean; package motet does.
package raw

// #cgo pkg-config: motet
import "C"
