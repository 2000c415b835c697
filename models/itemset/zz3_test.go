package itemset

import ("testing";"fmt";"time";"context")

func TestZZMin(t *testing.T) {
	b := onlineRetail(t)
	c := DefaultConfig(); c.MinSupport=0; c.MinCount=93; c.MaxLength=AnyLength
	sets,_,_ := c.Mine(context.Background(), b.Baskets)
	rc := DefaultRuleConfig(); rc.MaxConsequent=31; rc.Workers=1
	least := func(name string, f func()) {
		best := time.Hour
		for range 1500 { s := time.Now(); f(); best = min(best, time.Since(s)) }
		fmt.Printf("%s %.1f  ", name, float64(best.Nanoseconds())/1000)
	}
	r,_,_ := sets.Rules(context.Background(), rc)
	g := &generator{family: newFamily(sets), config: rc, report: RuleReport{MinConfidence: .5}, improvement: make([][]float64, sets.MaxLength()+1), passing: make([][]uint32, sets.MaxLength()+1)}
	least("rules", func() { sets.Rules(context.Background(), rc) })
	scan := func() { g.blocks = nil; g.found.Store(0); for l := 1; l <= sets.MaxLength(); l++ { bs := g.begin(l); for i := range bs { g.scanBlock(&bs[i]) } } }
	least("family", func() { newFamily(sets) })
	least("scan", scan)
	least("cuts", func() { g.found.Store(0); for i := range g.blocks { g.cutBlock(&g.blocks[i]) } })
	w := g.newWorker()
	scan()
	g.place()
	least("fill", func() { for i := range g.blocks { cuts := g.blocks[i].cuts; g.fillBlock(&g.blocks[i], w); g.blocks[i].cuts = cuts } })
	least("bh", func() { BenjaminiHochberg(r.p) })
	least("measures", func() { sum:=0.0; for _, r := range r.All() { sum+=r.Lift+r.Phi } })
	least("worker", func() { g.newWorker() })
	least("fisher cold", func() { f := newFactorials(18532, 1979); sum:=0.0; for i := range r.rules { e := &r.rules[i]; sum += f.fisherP(e.both, e.with[0], e.with[1]) } })
	least("fisher warm", func() { f := &w.factorials; sum:=0.0; for i := range r.rules { e := &r.rules[i]; sum += f.fisherP(e.both, e.with[0], e.with[1]) } })
	least("point warm", func() { f := &w.factorials; sum:=0.0; for i := range r.rules { e := &r.rules[i]; sum += f.pointProb(e.both, min(e.with[0], e.with[1]), max(e.with[0], e.with[1])) } })
	least("tail", func() { sum:=0.0; for i := range r.rules { e := &r.rules[i]; x,y,k := float64(e.with[0]), float64(e.with[1]), float64(e.both); sum += tailSum(x-k,y-k,k+1,18532-x-y+k+1) } })
	fmt.Println()
}
