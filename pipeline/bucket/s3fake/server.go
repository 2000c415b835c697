// Package s3fake is an object store in memory with as much S3 as the tests of
// publishing need. Only tests import the package.
package s3fake

import (
	"cmp"
	"crypto/md5"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The only pair of keys known to the store. Signatures of contents are not
// checked.
const (
	AccessKey = "AKIDFAKE"
	SecretKey = "s3cr3t-of-the-fake"
)

// Failure is how a request fails, instead of being done.
type Failure struct {
	Status int    // of HTTP
	Code   string // of S3
	After  bool   // the request is done all the same: only its answer is lost
	Cut    bool   // the connection breaks
	Half   bool   // the connection breaks in the middle of an object that is read
	Short  bool   // an object that is read has lost its last byte, unnoticed
	New    string // the request is answered, but after the object has got these contents
}

// answered reports whether the request is answered all the same, after a fashion.
func (f *Failure) answered() bool { return f.Half || f.Short || f.New != "" }

// Server is a store with one bucket.
type Server struct {
	URL    string
	Bucket string

	mu       sync.Mutex
	now      time.Time
	objects  map[string]object
	uploads  map[string]*upload
	requests []string
	page     int
	fail     func(n int, r *http.Request) *Failure
	alter    func(key string, body []byte) []byte
	watch    func(objects map[string]string)
	failure  Failure // of the request being answered
}

type object struct {
	body     []byte
	etag     string
	modified time.Time
}

type upload struct {
	key   string
	parts map[int]object
}

// Start runs a store for the time of a test, with one empty bucket, and points
// the environment of the test to the store.
func Start(t *testing.T) *Server {
	t.Helper()
	s := New()
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	for name, value := range s.Environment(t.TempDir()) {
		t.Setenv(name, value)
	}
	return s
}

// New returns a store with one empty bucket, to be served.
func New() *Server {
	return &Server{
		Bucket: "bucket", objects: map[string]object{}, uploads: map[string]*upload{}, page: 1000,
		now: time.Date(2024, 3, 1, 12, 0, 0, 0, time.UTC),
	}
}

// Environment returns the variables that lead a program to the store, and to
// nothing else. empty is a folder without files.
func (s *Server) Environment(empty string) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL": s.URL, "AWS_ENDPOINT_URL_S3": "", "AWS_REGION": "", "AWS_DEFAULT_REGION": "",
		"AWS_ACCESS_KEY_ID": AccessKey, "AWS_SECRET_ACCESS_KEY": SecretKey, "AWS_SESSION_TOKEN": "",
		"AWS_ACCESS_KEY": "", "AWS_SECRET_KEY": "", "AWS_PROFILE": "", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "",
		"AWS_CONFIG_FILE": empty + "/config", "AWS_SHARED_CREDENTIALS_FILE": empty + "/credentials",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "",
		"HTTP_PROXY": "", "http_proxy": "", "NO_PROXY": "*", "no_proxy": "*",
	}
}

// Fail lets a function choose the failure of each request; n counts requests
// from 1.
func (s *Server) Fail(decide func(n int, r *http.Request) *Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail, s.requests = decide, nil
}

// Alter lets a function change the stored contents, like a faulty disk.
func (s *Server) Alter(change func(key string, body []byte) []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alter = change
}

// Watch lets a function see the contents of the bucket after each request that
// may have changed the contents.
func (s *Server) Watch(look func(objects map[string]string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watch = look
}

// PageSize makes listings come in pages of n keys.
func (s *Server) PageSize(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.page = n
}

// Advance moves the clock of the store, which stands still otherwise.
func (s *Server) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = s.now.Add(d)
}

// Requests returns the method and path of each request since Fail was called.
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Objects returns the contents of the bucket by key.
func (s *Server) Objects() map[string]string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.contents()
}

func (s *Server) contents() map[string]string {
	out := map[string]string{}
	for key, o := range s.objects {
		out[key] = string(o.body)
	}
	return out
}

// Uploads returns the number of uploads in parts that were neither finished nor
// aborted.
func (s *Server) Uploads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.uploads)
}

// Set makes an object.
func (s *Server) Set(key, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store(key, []byte(body))
}

// Remove removes an object.
func (s *Server) Remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
}

func (s *Server) store(key string, body []byte) object {
	sum := md5.Sum(body)
	o := object{body: body, etag: hex.EncodeToString(sum[:]), modified: s.now}
	if s.alter != nil {
		o.body = s.alter(key, body)
	}
	s.objects[key] = o
	return o
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := readBody(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "IncompleteBody")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watch != nil && r.Method != http.MethodGet && r.Method != http.MethodHead {
		defer func() { s.watch(s.contents()) }()
	}
	s.requests = append(s.requests, r.Method+" "+r.URL.RequestURI())
	s.failure = Failure{}
	if s.fail != nil {
		f := s.fail(len(s.requests), r)
		if f != nil && f.answered() {
			s.failure = *f
		} else if f != nil {
			if f.After {
				s.answer(httptest.NewRecorder(), r, body)
			}
			if f.Cut {
				panic(http.ErrAbortHandler)
			}
			refuse(w, f.Status, f.Code)
			return
		}
	}
	s.answer(w, r, body)
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	name, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	switch {
	case !strings.Contains(r.Header.Get("Authorization"), "Credential="+AccessKey+"/"):
		refuse(w, http.StatusForbidden, "InvalidAccessKeyId")
	case name != s.Bucket:
		refuse(w, http.StatusNotFound, "NoSuchBucket")
	case key == "" && r.Method == http.MethodGet && query.Has("location"):
		fmt.Fprint(w, `<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>`)
	case key == "" && r.Method == http.MethodGet:
		s.list(w, query)
	case query.Has("uploads"), query.Has("uploadId"):
		s.inParts(w, r, key, query, body)
	case r.Method == http.MethodPut && r.Header.Get("X-Amz-Copy-Source") != "":
		s.copy(w, r, key)
	case r.Method == http.MethodPut:
		w.Header().Set("ETag", `"`+s.store(key, body).etag+`"`)
	case r.Method == http.MethodGet, r.Method == http.MethodHead:
		s.get(w, r, key)
	case r.Method == http.MethodDelete:
		delete(s.objects, key)
		w.WriteHeader(http.StatusNoContent)
	default:
		refuse(w, http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
}

func (s *Server) get(w http.ResponseWriter, r *http.Request, key string) {
	if s.failure.New != "" {
		s.store(key, []byte(s.failure.New))
	}
	o, ok := s.objects[key]
	if !ok {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	if want := r.Header.Get("If-Match"); want != "" && want != `"`+o.etag+`"` {
		refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		return
	}
	w.Header().Set("ETag", `"`+o.etag+`"`)
	w.Header().Set("Last-Modified", o.modified.Format(http.TimeFormat))
	body, status := o.body, http.StatusOK
	if at := r.Header.Get("Range"); at != "" {
		from, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(at, "bytes="), "-"))
		if err != nil || from > len(body) {
			refuse(w, http.StatusRequestedRangeNotSatisfiable, "InvalidRange")
			return
		}
		body, status = body[from:], http.StatusPartialContent
	}
	if s.failure.Short {
		body = body[:max(0, len(body)-1)]
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if s.failure.Half {
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(body) // to a client that may be gone
}

func (s *Server) copy(w http.ResponseWriter, r *http.Request, key string) {
	from, err := url.PathUnescape(strings.TrimPrefix(r.Header.Get("X-Amz-Copy-Source"), "/"))
	_, source, _ := strings.Cut(from, "/")
	o, ok := s.objects[source]
	if err != nil || !ok {
		refuse(w, http.StatusNotFound, "NoSuchKey")
		return
	}
	made := s.store(key, o.body)
	reply(w, copied{ETag: `"` + made.etag + `"`, LastModified: stamp(made.modified)})
}

type copied struct {
	XMLName      xml.Name `xml:"CopyObjectResult"`
	ETag         string
	LastModified string
}

type listing struct {
	XMLName               xml.Name `xml:"ListBucketResult"`
	Name, Prefix          string
	KeyCount              int
	IsTruncated           bool
	NextContinuationToken string
	EncodingType          string
	Contents              []listed
	CommonPrefixes        []struct{ Prefix string }
}

type listed struct {
	Key, LastModified, ETag string
	Size                    int
}

func (s *Server) list(w http.ResponseWriter, query url.Values) {
	prefix, delimiter, after := query.Get("prefix"), query.Get("delimiter"), query.Get("continuation-token")
	out := listing{Name: s.Bucket, Prefix: url.QueryEscape(prefix), EncodingType: "url"}
	last := ""
	for _, key := range slices.Sorted(maps.Keys(s.objects)) {
		rest, below := strings.CutPrefix(key, prefix)
		folder, _, deeper := strings.Cut(rest, delimiter)
		entry := key
		if delimiter != "" && deeper {
			entry = prefix + folder + delimiter
		} else {
			deeper = false
		}
		if !below || entry == last || entry <= after {
			continue
		}
		if out.KeyCount == s.page {
			out.IsTruncated, out.NextContinuationToken = true, last
			break
		}
		out.KeyCount++
		last = entry
		if deeper {
			out.CommonPrefixes = append(out.CommonPrefixes, struct{ Prefix string }{url.QueryEscape(entry)})
			continue
		}
		o := s.objects[key]
		out.Contents = append(out.Contents, listed{url.QueryEscape(key), stamp(o.modified), `"` + o.etag + `"`, len(o.body)})
	}
	reply(w, out)
}

type completed struct {
	XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
	Bucket, Key, ETag string
}

// inParts answers the requests of an upload in parts.
func (s *Server) inParts(w http.ResponseWriter, r *http.Request, key string, query url.Values, body []byte) {
	if query.Has("uploads") {
		id := strconv.Itoa(len(s.requests))
		s.uploads[id] = &upload{key: key, parts: map[int]object{}}
		fmt.Fprintf(w, "<InitiateMultipartUploadResult><Bucket>%s</Bucket><Key>%s</Key><UploadId>%s</UploadId></InitiateMultipartUploadResult>",
			s.Bucket, url.PathEscape(key), id)
		return
	}
	id := query.Get("uploadId")
	u := s.uploads[id]
	if u == nil || u.key != key {
		refuse(w, http.StatusNotFound, "NoSuchUpload")
		return
	}
	switch r.Method {
	case http.MethodPut:
		number, err := strconv.Atoi(query.Get("partNumber"))
		if err != nil {
			refuse(w, http.StatusBadRequest, "InvalidArgument")
			return
		}
		sum := md5.Sum(body)
		u.parts[number] = object{body: body, etag: hex.EncodeToString(sum[:])}
		w.Header().Set("ETag", `"`+u.parts[number].etag+`"`)
	case http.MethodPost:
		var whole []byte
		for _, n := range slices.Sorted(maps.Keys(u.parts)) {
			whole = append(whole, u.parts[n].body...)
		}
		made := s.store(key, whole)
		delete(s.uploads, id)
		reply(w, completed{Bucket: s.Bucket, Key: key, ETag: `"` + made.etag + `"`})
	case http.MethodDelete:
		delete(s.uploads, id)
		w.WriteHeader(http.StatusNoContent)
	}
}

func stamp(t time.Time) string { return t.Truncate(time.Second).Format("2006-01-02T15:04:05.000Z") }

func reply(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(v) // to a client that may be gone
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(cmp.Or(status, http.StatusForbidden))
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>the fake says so.</Message></Error>", cmp.Or(code, "AccessDenied"))
}

// readBody returns the body of a request, without the signatures of its pieces.
func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil || !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return body, err
	}
	var whole []byte
	for {
		head, rest, found := strings.Cut(string(body), "\r\n")
		length, _, _ := strings.Cut(head, ";")
		n, err := strconv.ParseInt(length, 16, 32)
		if !found || err != nil || int(n) > len(rest) {
			return nil, io.ErrUnexpectedEOF
		}
		if n == 0 {
			return whole, nil
		}
		whole = append(whole, rest[:n]...)
		body = []byte(strings.TrimPrefix(rest[n:], "\r\n"))
	}
}
