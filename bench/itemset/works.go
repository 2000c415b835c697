package main

// work is one thing to measure, here and in peer.py.
type work struct {
	name       string
	file       string
	count      int     // minimum count of a set
	maxLength  int     // 0 for no limit
	confidence float64 // of rules; 0 for sets only
	right      int     // items on the right side of a rule
}

func works() []work {
	return []work{
		{name: "retail-20", file: "retail.dat", count: 20},
		{name: "retail-10", file: "retail.dat", count: 10},
		{name: "online-93", file: "online.dat", count: 93},
		{name: "t10i4-50", file: "t10i4.dat", count: 50},
		{name: "wholesale-11", file: "wholesale.dat", count: 11, maxLength: 8},
		{name: "rules-retail-20", file: "retail.dat", count: 20, confidence: 0.5, right: 1},
		{name: "rules-retail-10", file: "retail.dat", count: 10, confidence: 0.5, right: 1},
		{name: "rules-online-93", file: "online.dat", count: 93, confidence: 0.5, right: 1},
		{name: "rules-online-93-all", file: "online.dat", count: 93, confidence: 0.5, right: 31},
		{name: "rules-retail-20-all", file: "retail.dat", count: 20, confidence: 0.5, right: 31},
		{name: "rules-retail-10-all", file: "retail.dat", count: 10, confidence: 0.5, right: 31},
	}
}
