package config

import (
	"errors"
	"fmt"
	"strings"
)

// Input is the object or objects behind a URL of the inputs.
type Input struct {
	Bucket string
	Key    string // of an object; or a glob, or a folder; "" for the whole bucket
}

// URL returns the URL of the input.
func (i Input) URL() string {
	if i.Key == "" {
		return schemeS3 + i.Bucket
	}
	return schemeS3 + i.Bucket + "/" + i.Key
}

// ParseInput reads a URL such as s3://bucket/daily/2011-*.csv.gz. The text
// after the bucket is taken unchanged, without the escapes of other URLs.
//
// Errors: another scheme, an impossible name of a bucket. The text found is not
// shown where it may hold a password.
func ParseInput(url string) (Input, error) {
	rest, isS3 := strings.CutPrefix(url, schemeS3)
	name, key, _ := strings.Cut(rest, "/")
	whole := isS3 && bucketName.MatchString(name) && !strings.Contains(name, "..")
	switch {
	case whole:
		return Input{Bucket: name, Key: key}, nil
	case strings.Contains(url, "@"):
		return Input{}, errors.New("got a URL with an @ (hidden: what is before it may be a password), want one such as s3://bucket/folder/*.csv; " +
			"credentials go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile")
	case !isS3:
		return Input{}, otherScheme(url, "s3://bucket/key or a local path", "copy the files into a folder first")
	}
	return Input{}, fmt.Errorf("got the bucket %q, want s3://bucket/key, a bucket having 3 to 63 lower-case letters, digits, dots and dashes", name)
}
