package pipeline

import (
	"context"
	"os"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/export"
	"github.com/quintile-dev/quintile/pipeline/privacy"
)

// guard is what protects the people behind the customers of a run.
type guard struct {
	suppressed *privacy.List       // who is in no file for a CRM system; nil: nobody
	erased     *privacy.List       // of whom nothing is read; nil: nobody
	pseudonyms *privacy.Pseudonyms // in place of ids in such files; nil: the ids
	account    *ManifestPrivacy    // nil where the job protects nobody

	identities *datasets.Identities // by which an id stands for a customer; nil until they are read
}

// ManifestPrivacy says by which lists and key people were protected. Neither ids nor the key are in it.
type ManifestPrivacy struct {
	Suppress       *ManifestList `json:"suppress,omitempty"`
	Erase          *ManifestList `json:"erase,omitempty"`
	KeyFingerprint string        `json:"key_fingerprint,omitempty"` // tells keys of pseudonyms apart
}

// ManifestList names a list of customers.
type ManifestList struct {
	IDs    int    `json:"ids"`
	SHA256 string `json:"sha256"`
}

// openGuard reads the lists and the key that the job names.
//
// Errors: of the code BadInput for a list, of the code Usage for a key.
func (r *run) openGuard(ctx context.Context) (*guard, error) {
	g, s := &guard{}, r.job.Privacy
	account := ManifestPrivacy{}
	var err error
	if g.suppressed, account.Suppress, err = readList(ctx, s.Suppress); err != nil {
		return nil, exit.Errorf(exit.BadInput, "privacy.suppress: %w", err)
	}
	if g.erased, account.Erase, err = readList(ctx, s.Erase); err != nil {
		return nil, exit.Errorf(exit.BadInput, "privacy.erase: %w", err)
	}
	if s.Pseudonym != nil {
		if g.pseudonyms, err = s.Pseudonym.Open(os.LookupEnv); err != nil {
			return nil, exit.Errorf(exit.Usage, "privacy.pseudonym: %w", err)
		}
		account.KeyFingerprint = g.pseudonyms.Fingerprint()
	}
	if account != (ManifestPrivacy{}) {
		g.account = &account
	}
	return g, nil
}

// readList reads the list at a path, nil where there is no path.
func readList(ctx context.Context, path string) (*privacy.List, *ManifestList, error) {
	if path == "" {
		return nil, nil, nil
	}
	list, err := privacy.ReadList(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	return list, &ManifestList{IDs: list.Len(), SHA256: list.SHA256()}, nil
}

// resolve puts on the lists whom their ids stand for.
func (g *guard) resolve(x *datasets.Identities) {
	if g.identities = x; x != nil {
		g.suppressed.Resolve(x.Customer)
		g.erased.Resolve(x.Customer)
	}
}

// erase has sources pass over the rows of erased customers, under whatever id.
func (g *guard) erase(sources []*ingest.Source) {
	if g.erased == nil {
		return
	}
	for _, s := range sources {
		s.Erased = func(id []byte) bool { return g.erased.Has(id) || g.erased.Has(g.identities.Customer(id)) }
	}
}

// protect has a target leave out whom it must not name, and name the others as it may.
func (g *guard) protect(t *export.Target) {
	if g.suppressed != nil {
		t.Suppressed = g.suppressed.Has
	}
	if g.pseudonyms != nil {
		t.Pseudonym = g.pseudonyms.Append
	}
}

// digests returns the checksums of the lists and of the key, as far as the account has them.
func (m *ManifestPrivacy) digests() (all []string) {
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
