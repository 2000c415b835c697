package bucket

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"gopkg.in/ini.v1"
)

// endpoint is where requests are sent.
type endpoint struct {
	host   string // with the port, if any
	secure bool
	region string // "": the library asks the store
}

// awsHost is the endpoint of AWS, and the library continues to the endpoint of
// the region.
const awsHost = "s3.amazonaws.com"

// findEndpoint looks where AWS's own tools look: into the environment, then into
// the profile of ~/.aws/config.
func findEndpoint(getenv func(string) string) (endpoint, error) {
	profile := readProfile(getenv)
	at := endpoint{host: awsHost, secure: true}
	at.region = first(getenv("AWS_REGION"), getenv("AWS_DEFAULT_REGION"), profile("region"))
	name, text := "AWS_ENDPOINT_URL_S3", getenv("AWS_ENDPOINT_URL_S3")
	if text == "" {
		name, text = "AWS_ENDPOINT_URL", getenv("AWS_ENDPOINT_URL")
	}
	if text == "" {
		name, text = "endpoint_url in ~/.aws/config", profile("endpoint_url")
	}
	if text == "" || getenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") == "true" {
		return at, nil
	}
	const want = "want a URL such as https://storage.example.com, or http://localhost:9000 for a store without TLS"
	u, err := url.Parse(text)
	switch {
	case err != nil: // its text would show what is in the URL
		return at, wrongEndpoint("%s: got what is no URL, %s", name, want)
	case u.User != nil:
		return at, wrongEndpoint("%s: got a URL with credentials (hidden), %s; credentials go into AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY", name, want)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return at, wrongEndpoint("%s: got %q, %s", name, text, want)
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "":
		return at, wrongEndpoint("%s: got %q, %s, without a path; the bucket stands in the URLs that begin with s3://", name, text, want)
	}
	at.host, at.secure = u.Host, u.Scheme == "https"
	return at, nil
}

// EndpointError is a setting that names no endpoint.
type EndpointError struct{ text string }

func (e *EndpointError) Error() string { return e.text }

func wrongEndpoint(format string, args ...any) error {
	return &EndpointError{fmt.Sprintf(format, args...)}
}

func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// readProfile returns the settings of the profile of ~/.aws/config; none where
// the file cannot be read; a missing file is no fault, as few machines have
// such a file.
func readProfile(getenv func(string) string) func(key string) string {
	none := func(string) string { return "" }
	path := getenv("AWS_CONFIG_FILE")
	if path == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return none
		}
		path = filepath.Join(home, ".aws", "config")
	}
	file, err := ini.Load(path)
	if err != nil {
		return none
	}
	name := "default"
	if p := getenv("AWS_PROFILE"); p != "" && p != name {
		name = "profile " + p
	}
	section, err := file.GetSection(name)
	if err != nil {
		return none
	}
	return func(key string) string { return section.Key(key).String() }
}

// newTransport is the library's, with less patience for a host that does not
// answer.
func newTransport(secure bool) (*http.Transport, error) {
	transport, err := minio.DefaultTransport(secure)
	if err != nil {
		return nil, err
	}
	transport.DialContext = (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	return transport, nil
}

// chain looks for credentials at several places, and says of each why there are
// none. The library's own goes on without credentials.
type chain struct {
	places []place
	found  credentials.Provider
}

type place struct {
	name string
	credentials.Provider
}

// errNoCredentials marks that no place has credentials.
var errNoCredentials = errors.New("no credentials")

// newCredentials looks into the environment, into the files of ~/.aws, and asks
// the container or the machine for its role; a token from the cluster comes
// before the files.
func newCredentials(getenv func(string) string) *credentials.Credentials {
	role := &credentials.IAM{Client: &http.Client{Timeout: 10 * time.Second, Transport: directTransport()}}
	cluster := getenv("AWS_WEB_IDENTITY_TOKEN_FILE") != ""
	container := getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")+getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI") != ""
	c := &chain{places: []place{{"environment", &credentials.EnvAWS{}}}}
	files := place{"files of ~/.aws", &credentials.FileAWSCredentials{}}
	switch {
	case cluster:
		c.places = append(c.places, place{"role of AWS_WEB_IDENTITY_TOKEN_FILE", role}, files)
	case container:
		c.places = append(c.places, files, place{"role of the container", role})
	case strings.EqualFold(getenv("AWS_EC2_METADATA_DISABLED"), "true"):
		c.places = append(c.places, files)
	default:
		role.Endpoint = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT")
		c.places = append(c.places, files, place{"role of the machine", role})
	}
	return credentials.New(c)
}

// directTransport reaches the services for roles: services of the machine
// without a proxy, as they are near and answer soon or never.
func directTransport() *http.Transport {
	return &http.Transport{
		DialContext: (&net.Dialer{Timeout: time.Second}).DialContext,
		Proxy: func(r *http.Request) (*url.URL, error) {
			if ip := net.ParseIP(r.URL.Hostname()); ip != nil {
				return nil, nil
			}
			return http.ProxyFromEnvironment(r)
		},
	}
}

// RetrieveWithCredContext returns the credentials of the first place that has some.
func (c *chain) RetrieveWithCredContext(cc *credentials.CredContext) (credentials.Value, error) {
	faults := []error{errNoCredentials}
	for _, p := range c.places {
		value, err := p.RetrieveWithCredContext(cc)
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("%s: %w", p.name, err))
		case value.AccessKeyID == "" && value.SecretAccessKey == "":
			faults = append(faults, fmt.Errorf("%s: none", p.name))
		case value.AccessKeyID == "" || value.SecretAccessKey == "":
			return credentials.Value{}, fmt.Errorf("%w: %s: got one half of a pair of keys, want both", errNoCredentials, p.name)
		default:
			c.found = p.Provider
			return value, nil
		}
	}
	return credentials.Value{}, errors.Join(faults...)
}

// Retrieve is RetrieveWithCredContext for the old form of the library's
// interface.
func (c *chain) Retrieve() (credentials.Value, error) { return c.RetrieveWithCredContext(nil) }

// IsExpired reports whether credentials must be looked for anew.
func (c *chain) IsExpired() bool { return c.found == nil || c.found.IsExpired() }
