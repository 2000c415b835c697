package manifest

// Privacy names the lists and the key that protect people. Neither ids nor the key are
// included.
type Privacy struct {
	Suppress       *List  `json:"suppress,omitempty"`
	Erase          *List  `json:"erase,omitempty"`
	KeyFingerprint string `json:"key_fingerprint,omitempty"` // tells keys of pseudonyms apart
}

// List names a list of customers.
type List struct {
	IDs    int    `json:"ids"`
	SHA256 string `json:"sha256"`
}

// Digests returns the checksums of the lists and of the key, as far as known to the account.
func (m *Privacy) Digests() (all []string) {
	if m == nil {
		return nil
	}
	if m.Suppress != nil {
		all = append(all, "suppress "+m.Suppress.SHA256)
	}
	if m.Erase != nil {
		all = append(all, "erase "+m.Erase.SHA256)
	}
	if m.KeyFingerprint != "" {
		all = append(all, "key "+m.KeyFingerprint)
	}
	return all
}
