package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Place is a place in an object store.
type Place struct {
	Bucket string
	Prefix string // without slashes at its ends; "" for the whole bucket
}

// scheme is the beginning of a URL. A single letter is a drive of Windows.
var scheme = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]+)://`)

// slips are the beginnings of URLs that lack a slash or two.
var slips = regexp.MustCompile(`(?i)^(s3|gs|az|file|https?):`)

// bucketName is the form of names allowed by S3.
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// schemeS3 is the only scheme for writing.
const schemeS3 = "s3://"

// IsURL reports whether a path names a place elsewhere, rightly or wrongly
// written, rather than a folder of this machine.
func IsURL(path string) bool { return scheme.MatchString(path) || slips.MatchString(path) }

// ParsePlace reads a URL such as s3://bucket/prefix.
//
// Errors: another scheme, an impossible name of a bucket, a prefix that tools
// would split differently. The text found is not shown where it may hold a
// password.
func ParsePlace(url string) (Place, error) {
	rest, isS3 := strings.CutPrefix(url, schemeS3)
	name, prefix, _ := strings.Cut(rest, "/")
	prefix = strings.TrimSuffix(prefix, "/")
	switch {
	case strings.Contains(url, "@"):
		return Place{}, errors.New("got a URL with an @ (hidden: what is before it may be a password), want one such as s3://bucket/prefix; " +
			"credentials go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile")
	case !isS3:
		return Place{}, otherScheme(url, "s3://bucket/prefix or a local folder", "publish into a folder and copy it")
	case !bucketName.MatchString(name) || strings.Contains(name, ".."):
		return Place{}, fmt.Errorf("got the bucket %q, want s3://bucket/prefix, a bucket having 3 to 63 lower-case letters, digits, dots and dashes", name)
	}
	for part := range strings.SplitSeq(prefix, "/") {
		if prefix != "" && (part == "" || part == "." || part == "..") {
			return Place{}, fmt.Errorf("got the prefix %q, want one whose parts are neither empty nor dots", prefix)
		}
	}
	if at := strings.IndexFunc(prefix, func(r rune) bool { return r <= ' ' || r == 0x7F || strings.ContainsRune(`?#*\`, r) }); at >= 0 {
		return Place{}, fmt.Errorf("got the prefix %q, want one without blanks, control characters and any of ? # * \\", prefix)
	}
	return Place{Bucket: name, Prefix: prefix}, nil
}

// otherScheme gives the alternative to an unsupported URL: the wanted form, and
// a way without the unsupported store.
func otherScheme(url, want, instead string) error {
	name, rest, _ := strings.Cut(url, ":")
	rest = strings.TrimLeft(rest, "/")
	name = strings.ToLower(name)
	switch name {
	case "s3", "s3a", "s3n":
		return fmt.Errorf("got %q, want it written s3://%s", url, rest)
	case "gs", "gcs":
		return fmt.Errorf("got %q, want s3://%s, through Google's S3 interface: set AWS_ENDPOINT_URL=https://storage.googleapis.com "+
			"and the HMAC key of a service account as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", url, rest)
	case "file":
		return fmt.Errorf("got %q, want the path without file://", url)
	case "http", "https":
		return fmt.Errorf("got %q, want %s; the address of a store goes into AWS_ENDPOINT_URL", url, want)
	case "az", "azure", "abfs", "abfss", "wasb", "wasbs", "adl":
		return fmt.Errorf("got %q, want %s: Azure has no S3 interface, so %s", url, want, instead)
	}
	return fmt.Errorf("got the scheme %q, want %s", name, want)
}

// Place returns the place of the results in an object store; false for a local
// folder.
//
// Errors: the errors of ParsePlace.
func (j *Job) Place() (place Place, isURL bool, err error) {
	if !IsURL(j.Output) {
		return Place{}, false, nil
	}
	place, err = ParsePlace(j.Output)
	return place, true, err
}
