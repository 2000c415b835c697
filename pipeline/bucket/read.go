package bucket

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/minio/minio-go/v7"
)

// Read writes the contents of an object to w and returns their length. A connection
// that breaks, or stalls for half a minute, is resumed at the break. Errors of w are
// returned unchanged.
func (b *Bucket) Read(ctx context.Context, key string, w io.Writer) (int64, error) {
	return b.read(ctx, key, "", w)
}

// ReadSame is Read for an object with a known ETag and size: the error tells if
// the object has changed since, or arrives with another length.
func (b *Bucket) ReadSame(ctx context.Context, o Object, w io.Writer) error {
	n, err := b.read(ctx, o.Key, o.ETag, w)
	if err == nil && n != o.Size {
		return &Error{
			URL: b.URL(o.Key), Doing: "reading", Got: fmt.Sprintf("%d bytes", n), Want: fmt.Sprintf("the %d of the listing", o.Size),
			Hint: "run again, and if it happens again, have the object looked at",
		}
	}
	return err
}

// read reads the object with the ETag, if given.
func (b *Bucket) read(ctx context.Context, key, etag string, w io.Writer) (n int64, err error) {
	const (
		tries  = 5       // without getting on
		stride = 1 << 20 // what getting on is
	)
	for try := 1; ; try++ {
		got, found, err := b.readFrom(ctx, key, etag, n, w)
		n += got
		if err == nil || !found.broken || found.etag == "" {
			return n, err
		}
		if got >= stride {
			try = 1
		}
		if try >= tries {
			return n, err
		}
		etag = found.etag // the rest of the same object, not of another
	}
}

// found is what came of a request for an object.
type found struct {
	etag   string
	broken bool // the connection broke in the middle of the contents
}

// readFrom reads an object from a byte on.
func (b *Bucket) readFrom(ctx context.Context, key, etag string, from int64, w io.Writer) (n int64, f found, err error) {
	var options minio.GetObjectOptions
	if etag != "" {
		if err := options.SetMatchETag(etag); err != nil {
			return 0, f, err
		}
	}
	if from > 0 {
		if err := options.SetRange(from, 0); err != nil {
			return 0, f, err
		}
	}
	body, info, _, err := minio.Core{Client: b.client}.GetObject(ctx, b.name, b.prefix+key, options)
	if err != nil {
		return 0, f, b.fault(ctx, "reading", key, err)
	}
	target := &sink{to: w}
	n, err = io.Copy(target, body)
	_ = body.Close() // nothing more is wanted of it
	if target.err != nil {
		return n, f, target.err
	}
	f = found{etag: strong(info.ETag), broken: err != nil && ctx.Err() == nil}
	return n, f, b.fault(ctx, "reading", key, err)
}

// sink keeps errors of the writer apart from those of the reader.
type sink struct {
	to  io.Writer
	err error
}

func (s *sink) Write(p []byte) (n int, err error) {
	n, s.err = s.to.Write(p)
	return n, s.err
}

// Fetch writes the contents of an object to a file, which is made.
func (b *Bucket) Fetch(ctx context.Context, key, path string) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = b.Read(ctx, key, file)
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}
