package ingest

import (
	"path"
	"slices"
	"strings"

	"github.com/quintile-dev/quintile/datasets"
)

// Choose is Resolve for a place with a list of names instead of a file system:
// the result is the names matched by a path, sorted. Names hold folders
// separated by slashes, and begin like the path. The list may leave out names
// that the path cannot match. A path that ends with a slash stands for folders
// only.
//
// Errors: *datasets.FileError where it stands for none.
func Choose(where string, names []string) ([]string, error) {
	if slices.Contains(names, where) {
		return []string{where}, nil
	}
	folder := strings.TrimSuffix(where, "/")
	if slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(name, folder+"/") }) {
		return inFolders(where, names, func(begin string) bool { return begin == folder })
	}
	if !IsGlob(where) {
		return nil, &datasets.FileError{Path: where, Got: "no object of that name, and none below it", Want: "at least one", Hint: "check the path"}
	}
	if _, err := path.Match(where, ""); err != nil {
		return nil, notWellFormed(where, err)
	}
	files, err := inFolders(where, names, func(begin string) bool {
		ok, err := path.Match(folder, begin)
		return ok && err == nil && !hidden(path.Base(begin))
	})
	if err == nil && len(files) == 0 {
		err = noMatch(where)
	}
	return files, err
}

// inFolders returns the names matched by a path, and the data files below the
// matched folders, sorted.
func inFolders(where string, names []string, matches func(begin string) bool) ([]string, error) {
	folder := strings.TrimSuffix(where, "/")
	depth := strings.Count(folder, "/")
	var files, folders []string
	used := map[string]bool{} // folders, by whether they have a data file
	for _, name := range names {
		begin := upTo(name, depth)
		switch {
		case !matches(begin):
		case begin != name:
			if _, seen := used[begin]; !seen {
				folders = append(folders, begin)
			}
			data := formatOf(name) != unknownFormat && !slices.ContainsFunc(strings.Split(name[len(begin)+1:], "/"), hidden)
			used[begin] = used[begin] || data
			if data {
				files = append(files, name)
			}
		case folder == where:
			files = append(files, name)
		}
	}
	slices.Sort(folders)
	for _, f := range folders {
		if !used[f] {
			return nil, noDataFile(f)
		}
	}
	slices.Sort(files)
	return files, nil
}

// IsGlob reports whether a path that names nothing itself is a pattern.
func IsGlob(path string) bool { return strings.ContainsAny(path, "*?[") }

// upTo returns the beginning of a name that has n slashes.
func upTo(name string, n int) string {
	for i := range len(name) {
		if name[i] != '/' {
			continue
		}
		if n--; n < 0 {
			return name[:i]
		}
	}
	return name
}
