package main

import (
	"flag"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/quintile-dev/quintile/pipeline/bucket/s3fake"
)

var update = flag.Bool("update", false, "write the golden files of the scripts anew")

// fatalEnd has the program end as a runtime does that cannot go on.
const fatalEnd = "fatal-end"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		dieVisibly()
		if len(os.Args) == 2 && os.Args[1] == fatalEnd {
			go panic("nobody recovers this")
			select {}
		}
		os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	testscript.Main(m, map[string]func(){
		"quintile": func() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) },
	})
}

// storeOf is the key of a script's object store.
type storeOf struct{}

// The scripts say what the program is called with, and what it says, writes and
// exits with. Each has an object store of its own, with an empty bucket, to which
// its environment leads.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script", UpdateScripts: *update,
		Setup: func(env *testscript.Env) error {
			store := s3fake.New()
			server := httptest.NewServer(store)
			env.Defer(server.Close)
			store.URL = server.URL
			for name, value := range store.Environment(env.WorkDir) {
				env.Setenv(name, value)
			}
			env.Values[storeOf{}] = store
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"bucket": bucketCommand},
	})
}

// bucketCommand is a command of the scripts: "bucket get KEY FILE", "bucket set
// KEY FILE" and "bucket rm KEY" work on the object store, "bucket has KEY" tells
// whether there is such an object.
func bucketCommand(ts *testscript.TestScript, not bool, args []string) {
	store := ts.Value(storeOf{}).(*s3fake.Server)
	if len(args) < 2 {
		ts.Fatalf("usage: bucket get|set|rm|has KEY [FILE]")
	}
	text, has := store.Objects()[args[1]]
	switch {
	case args[0] == "has":
		if has == not {
			ts.Fatalf("%s: got it there: %v", args[1], has)
		}
	case args[0] == "rm":
		store.Remove(args[1])
	case args[0] == "set" && len(args) == 3:
		store.Set(args[1], ts.ReadFile(args[2]))
	case args[0] == "get" && len(args) == 3 && has:
		ts.Check(os.WriteFile(ts.MkAbs(args[2]), []byte(text), 0o600))
	default:
		ts.Fatalf("bucket %v: got it there: %v", args, has)
	}
}
