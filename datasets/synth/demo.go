package synth

import "github.com/quintile-dev/quintile/datasets"

// Demo returns a retailer with all kinds of files: 180,000 lines of 5,000 customers, 1,500 prospects, habits, three
// years from 2022-07-01, 15 % of the products launched and 10 % withdrawn, and two campaigns: the first with an effect
// that differs by segment, the second without any effect.
func Demo() Config {
	c := Default()
	c.Start, c.Days, c.Lines = datasets.DayOf(2022, 7, 1), 1095, 180_000
	c.Prospects, c.HabitShare = 1_500, 0.3
	c.LaunchShare, c.WithdrawalShare = 0.15, 0.1
	c.Campaigns = []Campaign{
		{
			Name: "spring-mailing", Day: 985, Share: 1, Holdout: 0.5, Cost: datasets.Unit / 2,
			Uplift: map[string]float64{"regular": 0.02, "occasional": 0.15, "devoted": 0.02, "bargain": 0.7},
		},
		{Name: "postcard", Day: 1045, Share: 0.5, Holdout: 0.2, Cost: datasets.Unit},
	}
	return c
}
