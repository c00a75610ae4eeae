package motet

import (
	"context"
	"errors"
	"fmt"

	"motet/internal/raw"
)

// Error is what went wrong: a code that is the same in every language, and a sentence that names the values involved.
// Compare with errors.Is(err, motet.ErrTimeout) and its like. Sent as a message or given as a reply, an Error tells
// the asker that the request failed.
type Error struct {
	Code    Code
	Message string
}

// Error gives the code's name and the sentence.
func (e *Error) Error() string { return e.Code.String() + ": " + e.Message }

// Is makes errors with the same code equal for errors.Is; a timeout is also a context.DeadlineExceeded.
func (e *Error) Is(target error) bool {
	if other, ok := target.(*Error); ok {
		return other.Code == e.Code
	}
	return e.Code == CodeTimeout && target == context.DeadlineExceeded
}

// String gives the name of a code, such as "TIMEOUT".
func (c Code) String() string {
	if name, ok := codeNames[c]; ok {
		return name
	}
	return codeNames[CodeInternal]
}

// takeError turns an error of the C interface into a Go error and frees it; NULL is nil.
func takeError(handle uintptr) error {
	if handle == 0 {
		return nil
	}
	defer raw.Error_free(handle)
	return &Error{Code: Code(raw.Error_code(handle)), Message: raw.Error_message(handle)}
}

// codeError turns a result of the data plane into a Go error; doing says what was tried, and is asked only on failure.
func codeError(code int, doing func() string) error {
	if code >= 0 {
		return nil
	}
	return &Error{Code: Code(code), Message: doing() + ": " + raw.Code_text(code)}
}

// failureOf gives the code and the sentence under which an error leaves Go: "Type: text" for one that is not Motet's.
func failureOf(err error) (Code, string) {
	if err == nil {
		return CodeOk, ""
	}
	var ours *Error
	if errors.As(err, &ours) && ours.Code < 0 && ours.Code != CodeUnhandled {
		if err == error(ours) {
			return ours.Code, ours.Message
		}
		return ours.Code, err.Error()
	}
	return CodeFailed, fmt.Sprintf("%T: %v", err, err)
}
