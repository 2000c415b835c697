package bucket

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"

	"github.com/minio/minio-go/v7"
)

// Error is a request that failed.
type Error struct {
	URL   string
	Doing string // such as "writing"
	Got   string // what the store said
	Want  string
	Hint  string // how to mend it
	Busy  bool   // the store asks to come back later
	Mute  bool   // the store has not answered
	Err   error
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s: got %s, want %s; %s", e.URL, e.Doing, e.Got, e.Want, e.Hint)
}

// Unwrap returns fs.ErrNotExist for an object that is not there.
func (e *Error) Unwrap() error { return e.Err }

// advice is what to do about a code of the store.
type advice struct{ want, hint string }

const checkKeys = "check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or AWS_PROFILE, and that they belong to this store"

var advices = map[string]advice{
	minio.NoSuchBucket:   {"a bucket of that name", "make it, or mend the URL, or set AWS_ENDPOINT_URL where it is in another store"},
	minio.NoSuchKey:      {"an object", "check the URL"},
	minio.AccessDenied:   {"the right to RIGHTS there", "mend the policy of the credentials or of the bucket"},
	"AllAccessDisabled":  {"a bucket that may be used", "ask its owner"},
	"InvalidAccessKeyId": {"credentials that the store knows", checkKeys},
	"SignatureDoesNotMatch": {"a signature by the right key",
		checkKeys},
	"ExpiredToken":                     {"credentials that have not expired", "get new ones"},
	"InvalidToken":                     {"credentials that the store knows", checkKeys},
	"RequestTimeTooSkewed":             {"a clock that agrees with that of the store", "set the clock of this machine"},
	minio.AuthorizationHeaderMalformed: {"requests for the region of the bucket", "set AWS_REGION to it"},
	minio.InvalidRegion:                {"requests for the region of the bucket", "set AWS_REGION to it"},
	"PermanentRedirect":                {"requests for the region of the bucket", "set AWS_REGION to it"},
	"IllegalLocationConstraintException": {"requests for the region of the bucket",
		"set AWS_REGION to it"},
	"InsufficientStorage":    {"room for the results", "free space in the store"},
	"XMinioStorageFull":      {"room for the results", "free space in the store"},
	"QuotaExceeded":          {"room for the results", "free space in the store, or raise the quota"},
	minio.PreconditionFailed: {"the object that was found before", "another program has changed it since; run again"},
	"InvalidObjectState":     {"an object that can be read at once", "restore it from the archive"},
	"MethodNotAllowed":       {"a store that speaks S3", "check AWS_ENDPOINT_URL"},
}

// fault says what a failed request means; nil for nil.
func (b *Bucket) fault(ctx context.Context, doing, key string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	e := &Error{URL: b.URL(key), Doing: doing, Err: err}
	var said minio.ErrorResponse
	switch {
	case errors.Is(err, errNoCredentials):
		e.Got, e.Want = oneLine(strings.ReplaceAll(err.Error(), "\n", "; ")), "some for the store"
		e.Hint = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run where a role is attached"
	case errors.As(err, &said):
		e.explain(&said)
		e.Want = strings.ReplaceAll(e.Want, "RIGHTS", b.rights)
	case errors.Is(err, errSilent):
		e.Mute = true
		e.Got, e.Want = oneLine(errSilent.Error()), "a transfer that goes on"
		e.Hint = "check the network and the store, then run again"
	default:
		e.Mute = true
		e.Got, e.Want = oneLine(err.Error()), "an answer of the store"
		e.Hint = "check the network and AWS_ENDPOINT_URL, then run again"
	}
	return e
}

// healing reports whether a request that failed may succeed when tried again.
func healing(err error) bool {
	var said minio.ErrorResponse
	if errors.As(err, &said) {
		return ill(&said)
	}
	return !errors.Is(err, errNoCredentials) && !strings.Contains(err.Error(), "HTTP response to HTTPS client")
}

// ill reports whether the store, and not the request, is at fault.
func ill(said *minio.ErrorResponse) bool {
	return said.StatusCode >= http.StatusInternalServerError || said.StatusCode == http.StatusTooManyRequests
}

// explain says what the answer of a store means.
func (e *Error) explain(said *minio.ErrorResponse) {
	e.Got = oneLine(said.Code)
	if said.Message != "" && said.Message != said.Code {
		e.Got = oneLine(said.Code + " (" + strings.TrimSuffix(said.Message, ".") + ")")
	}
	if said.Code == minio.NoSuchKey {
		e.Err = fs.ErrNotExist
	}
	a, known := advices[said.Code]
	switch {
	case known:
		e.Want, e.Hint = a.want, a.hint
	case ill(said):
		e.Busy = true
		e.Want, e.Hint = "it done, after several tries", "the store is busy or ill; run again later"
	case said.StatusCode == http.StatusUnauthorized || said.StatusCode == http.StatusForbidden:
		e.Want, e.Hint = "a request that is allowed", checkKeys
	default:
		e.Want, e.Hint = "it done", "check AWS_ENDPOINT_URL and what the store says of this answer"
	}
}

// oneLine returns the beginning of a text, on one line.
func oneLine(text string) string {
	const most = 300
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}
