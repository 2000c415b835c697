package rfm

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/quintile-dev/quintile/datasets"
	"github.com/quintile-dev/quintile/features"
	"github.com/quintile-dev/quintile/mining"
	"github.com/quintile-dev/quintile/models"
)

// The places that limits come from.
const (
	ownLimits       = "own"
	referenceLimits = "reference"
)

// fit returns what scores the customers of a run: by limits that the run before has handed on, as long as the quarter
// lasts in which they were learned, or by limits of the run's own.
func (t *task) fit(ctx context.Context, in *mining.Input, c features.RFMConfig, values features.RFMInput) (*Model, []models.Warning, error) {
	adopted, warnings := t.adopt(in, c)
	if adopted != nil {
		return adopted, nil, nil
	}
	fitted, err := c.Fit(ctx, values)
	if err != nil {
		return nil, nil, err
	}
	return &Model{RFMModel: fitted, Learned: in.AsOf.String(), Cuts: c.Cuts}, warnings, nil
}

// adopt returns a model with the limits of the run before, nil where there are none that hold.
func (t *task) adopt(in *mining.Input, c features.RFMConfig) (*Model, []models.Warning) {
	before, _ := in.Before.Model(Step.Name).(*Model)
	if t.set.Limits != referenceLimits || before == nil {
		return nil, nil
	}
	learned := in.Before.AsOf // of a model that came before days were kept
	if day, err := datasets.ParseDay(before.Learned); err == nil {
		learned = day
	}
	if !mining.SameQuarter(learned, in.AsOf) {
		return nil, nil
	}
	refused := func(why string) []models.Warning {
		return []models.Warning{{Code: "limits_not_kept", Count: 1, Message: fmt.Sprintf(
			"the limits of %s do not fit the settings of today (%s), so that new ones were learned and scores do not mean what they meant before", learned, why)}}
	}
	if !reflect.DeepEqual(before.Cuts, c.Cuts) {
		return nil, refused("cuts differ")
	}
	adopted, err := c.Adopt(before.RFMModel)
	if fault := (*features.ConfigError)(nil); errors.As(err, &fault) {
		return nil, refused(fmt.Sprintf("%s: got %v, want %s", fault.Field, fault.Got, fault.Want))
	}
	return &Model{RFMModel: adopted, Learned: learned.String(), Cuts: c.Cuts}, nil
}
