// Package guard protects the people behind the customers of a run: the lists and the key
// named in a job are read, and applied by readers and writers.
package guard

import (
	"context"
	"os"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/datasets/ingest"
	"github.com/quintile-dev/quintile/pipeline/exit"
	"github.com/quintile-dev/quintile/pipeline/export"
	"github.com/quintile-dev/quintile/pipeline/manifest"
	"github.com/quintile-dev/quintile/pipeline/privacy"
)

// Guard protects the people behind the customers of a run.
type Guard struct {
	suppressed *privacy.List       // who is in no file for a CRM system; nil: nobody
	erased     *privacy.List       // of whom nothing is read; nil: nobody
	pseudonyms *privacy.Pseudonyms // in place of ids in such files; nil: the ids
	Account    *manifest.Privacy   // nil where the job protects nobody

	identities *datasets.Identities // by which an id stands for a customer; nil until they are read
}

// Open reads the lists and the key named in the job.
//
// Errors: of the code BadInput for a list, of the code Usage for a key.
func Open(ctx context.Context, s privacy.Settings) (*Guard, error) {
	g := &Guard{}
	account := manifest.Privacy{}
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
	if account != (manifest.Privacy{}) {
		g.Account = &account
	}
	return g, nil
}

// readList reads the list at a path, nil where there is no path.
func readList(ctx context.Context, path string) (*privacy.List, *manifest.List, error) {
	if path == "" {
		return nil, nil, nil
	}
	list, err := privacy.ReadList(ctx, path)
	if err != nil {
		return nil, nil, err
	}
	return list, &manifest.List{IDs: list.Len(), SHA256: list.SHA256()}, nil
}

// Resolve puts on the lists the customers behind the listed ids.
func (g *Guard) Resolve(x *datasets.Identities) {
	if g.identities = x; x != nil {
		g.suppressed.Resolve(x.Customer)
		g.erased.Resolve(x.Customer)
	}
}

// Erase has sources pass over the rows of erased customers, under whatever id.
func (g *Guard) Erase(sources []*ingest.Source) {
	if g.erased == nil {
		return
	}
	for _, s := range sources {
		s.Erased = g.Erases()
	}
}

// Erases returns a test for customers of whom nothing is read, under whatever id; nil if
// nobody is erased.
func (g *Guard) Erases() func(id []byte) bool { return g.on(g.erased) }

// Suppresses returns a test for customers who must not be contacted, under whatever id; nil
// if nobody is suppressed.
func (g *Guard) Suppresses() func(id []byte) bool { return g.on(g.suppressed) }

// on returns a test for ids on a list, and for ids of customers on the list.
func (g *Guard) on(list *privacy.List) func(id []byte) bool {
	if list == nil {
		return nil
	}
	return func(id []byte) bool { return list.Has(id) || list.Has(g.Customer(id)) }
}

// Customer returns the customer behind an id.
func (g *Guard) Customer(id []byte) []byte {
	if g.identities == nil {
		return id
	}
	return g.identities.Customer(id)
}

// Protect makes a target leave out suppressed customers, and name the other customers
// by their permitted ids.
func (g *Guard) Protect(t *export.Target) {
	if g.suppressed != nil {
		t.Suppressed = g.suppressed.Has
	}
	if g.pseudonyms != nil {
		t.Pseudonym = g.pseudonyms.Append
	}
}
