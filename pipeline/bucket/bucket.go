// Package bucket is the only home of the client for object stores with S3: AWS,
// Google (through its S3 interface), Cloudflare, MinIO, Ceph and others.
package bucket

import (
	"context"
	"io"
	"os"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// Bucket is the part of a bucket below a prefix. Keys are relative to the prefix. Several goroutines may call
// the methods.
//
// Errors: each error has the URL at fault, the answer of the store, and the remedy, and never a credential. A
// missing object is fs.ErrNotExist. Temporary faults are tried again, up to ten times with growing pauses,
// and so is an answer that breaks off or stalls for half a minute; a lasting fault is Busy where the store
// asks to come back later.
//
// Cancelling ctx ends every method within half a second, with its error.
type Bucket struct {
	client *minio.Client
	name   string
	prefix string // ends with a slash, or is ""
	rights string // those that are needed
}

// Object is one object of a listing.
type Object struct {
	Key      string // below the prefix of the bucket
	Size     int64
	Modified time.Time // by the clock of the store, to the second
	ETag     string    // other contents under this key have another; "" where the store tells none that is sure
}

// Open returns the part of a bucket below a prefix. Endpoint, region and
// credentials are looked up in the same places as by AWS's own tools; see
// docs/buckets.md. Without a region, the store is asked for the region of the
// bucket; otherwise nothing is sent.
//
// Errors: an *EndpointError, and those of a request.
func Open(ctx context.Context, name, prefix string) (*Bucket, error) {
	return open(ctx, name, prefix, "list, read, write and delete", idleAfter)
}

// OpenToRead is Open for a bucket without writing: errors ask only for the
// rights of reading.
func OpenToRead(ctx context.Context, name, prefix string) (*Bucket, error) {
	return open(ctx, name, prefix, "list and read", idleAfter)
}

func open(ctx context.Context, name, prefix, rights string, idle time.Duration) (*Bucket, error) {
	at, err := findEndpoint(os.Getenv)
	if err != nil {
		return nil, err
	}
	transport, err := newTransport(at.secure)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(at.host, &minio.Options{
		Creds: newCredentials(os.Getenv), Secure: at.secure, Region: at.region, Transport: &patient{transport, idle},
	})
	if err != nil {
		return nil, err
	}
	prefix = strings.Trim(prefix, "/")
	if prefix != "" {
		prefix += "/"
	}
	b := &Bucket{client: client, name: name, prefix: prefix, rights: rights}
	return b, b.locate(ctx)
}

// locate asks for the region of the bucket, which the library then knows. The
// library asks once only.
func (b *Bucket) locate(ctx context.Context) error {
	const tries = 6
	for try := range tries {
		_, err := b.client.GetBucketLocation(ctx, b.name)
		if err == nil || try == tries-1 || ctx.Err() != nil || !healing(err) {
			return b.fault(ctx, "looking for the bucket", "", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond << try):
		}
	}
	return ctx.Err()
}

// URL returns the URL of a key, or of the prefix itself for "".
func (b *Bucket) URL(key string) string {
	return "s3://" + b.name + "/" + strings.TrimSuffix(b.prefix+key, "/")
}

// List returns the objects whose keys begin with below, sorted by key. Markers
// of empty folders, left by some tools, are left out.
func (b *Bucket) List(ctx context.Context, below string) ([]Object, error) {
	var all []Object
	err := b.list(ctx, below, true, func(o minio.ObjectInfo) {
		if !strings.HasSuffix(o.Key, "/") {
			all = append(all, b.object(o))
		}
	})
	return all, err
}

// object returns what the library says of an object.
func (b *Bucket) object(o minio.ObjectInfo) Object {
	return Object{Key: strings.TrimPrefix(o.Key, b.prefix), Size: o.Size, Modified: o.LastModified, ETag: strong(o.ETag)}
}

// strong returns an ETag without quotes, "" for a weak ETag, shared by nearly
// equal contents.
func strong(etag string) string {
	if strings.HasPrefix(etag, "W/") {
		return ""
	}
	return strings.Trim(etag, `"`)
}

// Level returns the objects whose keys begin with below without a further
// slash, and, for keys with a further slash, the beginnings up to the slash
// (excluded). Both lists are sorted.
func (b *Bucket) Level(ctx context.Context, below string) (objects []Object, folders []string, err error) {
	err = b.list(ctx, below, false, func(o minio.ObjectInfo) {
		if folder, is := strings.CutSuffix(o.Key, "/"); is {
			folders = append(folders, strings.TrimPrefix(folder, b.prefix))
		} else {
			objects = append(objects, b.object(o))
		}
	})
	return objects, folders, err
}

// Stat returns the store's description of one object. The necessary right is to
// read the object, not to list the bucket.
func (b *Bucket) Stat(ctx context.Context, key string) (Object, error) {
	o, err := b.client.StatObject(ctx, b.name, b.prefix+key, minio.StatObjectOptions{})
	if err != nil {
		return Object{}, b.fault(ctx, "looking at", key, err)
	}
	o.Key = b.prefix + key
	return b.object(o), nil
}

// Folders returns the names of the folders right below the prefix, sorted.
func (b *Bucket) Folders(ctx context.Context) ([]string, error) {
	_, folders, err := b.Level(ctx, "")
	return folders, err
}

// list calls take with the objects below a key, or with one level: objects, and
// folders with a slash at the end of the key.
func (b *Bucket) list(ctx context.Context, below string, deep bool, take func(minio.ObjectInfo)) error {
	noOwner := false // a right that few keys have
	options := minio.ListObjectsOptions{Prefix: b.prefix + below, Recursive: deep, FetchOwner: &noOwner}
	var all []minio.ObjectInfo
	err := persistently(ctx, func() error {
		all = all[:0]
		for o := range b.client.ListObjectsIter(ctx, b.name, options) {
			if o.Err != nil {
				return o.Err
			}
			all = append(all, o)
		}
		return ctx.Err() // when cancelled, the library's listing just ends
	})
	if err != nil {
		return b.fault(ctx, "listing", below, err)
	}
	for _, o := range all {
		take(o)
	}
	return nil
}

// Text returns the contents of a small object.
func (b *Bucket) Text(ctx context.Context, key string) (string, error) {
	var text strings.Builder
	_, err := b.Read(ctx, key, &text)
	return text.String(), err
}

// Put makes an object of a file. The store shows it whole or not at all.
func (b *Bucket) Put(ctx context.Context, key, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close() // was read only
		return err
	}
	return promptly(ctx, func() error {
		defer func() { _ = file.Close() }() // was read only
		return b.put(ctx, key, file, info.Size())
	})
}

// PutText makes an object of a text. The store shows it whole or not at all.
func (b *Bucket) PutText(ctx context.Context, key, text string) error {
	return b.put(ctx, key, strings.NewReader(text), int64(len(text)))
}

func (b *Bucket) put(ctx context.Context, key string, from io.ReadSeeker, size int64) error {
	// The contents are not signed piece by piece: sent files are read back, and the
	// library's signing reader for plain HTTP is closed by two goroutines at once
	// where a request fails.
	options := minio.PutObjectOptions{ContentType: contentType(key), DisableContentSha256: true}
	err := persistently(ctx, func() error {
		if _, err := from.Seek(0, io.SeekStart); err != nil {
			return err
		}
		_, err := b.client.PutObject(ctx, b.name, b.prefix+key, from, size, options)
		return err
	})
	return b.fault(ctx, "writing", key, err)
}

// contentType returns the media type of a file by its name, so that a browser
// shows a report instead of saving it.
func contentType(key string) string {
	switch path.Ext(key) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".json":
		return "application/json"
	case ".csv":
		return "text/csv; charset=utf-8"
	case ".parquet":
		return "application/vnd.apache.parquet"
	case "":
		return "text/plain; charset=utf-8"
	}
	return "application/octet-stream"
}

// mostCopied is the size up to which stores copy an object in one request.
const mostCopied = 5 << 30

// Copy makes an object of another of the given size, within the store.
func (b *Bucket) Copy(ctx context.Context, from, to string, size int64) error {
	source := minio.CopySrcOptions{Bucket: b.name, Object: b.prefix + from}
	target := minio.CopyDestOptions{Bucket: b.name, Object: b.prefix + to}
	copied := func() error {
		_, err := b.client.CopyObject(ctx, target, source)
		return err
	}
	if size > mostCopied {
		copied = func() error {
			return promptly(ctx, func() error {
				_, err := b.client.ComposeObject(ctx, target, source)
				return err
			})
		}
	}
	return b.fault(ctx, "copying to "+b.URL(to), from, persistently(ctx, copied))
}

// Delete removes an object, if there is one.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	return b.fault(ctx, "removing", key, b.client.RemoveObject(ctx, b.name, b.prefix+key, minio.RemoveObjectOptions{}))
}

// promptly calls do and returns its error, but not much later than ctx ends: the
// library takes up to a minute to clear away the parts of a large object.
func promptly(ctx context.Context, do func() error) error {
	const patience = 400 * time.Millisecond
	done := make(chan error, 1)
	go func() { done <- do() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-done:
		return err
	case <-time.After(patience):
		return ctx.Err()
	}
}
