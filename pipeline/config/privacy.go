package config

// checkPrivacy finds the faults of how people are protected.
func (d *decoder) checkPrivacy(j *Job, root *node) {
	files := []struct{ name, path string }{{"suppress", j.Privacy.Suppress}, {"erase", j.Privacy.Erase}}
	if p := j.Privacy.Pseudonym; p != nil {
		if (p.KeyEnv == "") == (p.KeyFile == "") {
			d.fault(find(root, "privacy", "pseudonym"), "privacy.pseudonym", "got no key, or two, want one of key_env and key_file")
		}
		if IsURL(p.KeyFile) {
			d.fault(find(root, "privacy", "pseudonym", "key_file"), "privacy.pseudonym.key_file", "got a URL, want a local file")
		}
	}
	if j.Privacy.Erase != "" && j.History != "" {
		d.fault(find(root, "privacy", "erase"), "privacy.erase", "got it beside history, want one of them: a kept history holds whom it has taken in; "+
			"remove the field history and its folder, or this list")
	}
	for _, f := range files {
		if IsURL(f.path) {
			d.fault(find(root, "privacy", f.name), "privacy."+f.name, "got a URL, want a local file: only inputs and output may be in an object store")
		}
	}
}
