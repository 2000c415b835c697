package itemset

import ("testing";"fmt";"math/big";"math/rand/v2";"context")

func TestZZAcc(t *testing.T) {
	b := onlineRetail(t)
	c := DefaultConfig(); c.MinSupport=0; c.MinCount=93; c.MaxLength=AnyLength
	sets,_,_ := c.Mine(context.Background(), b.Baskets)
	rc := DefaultRuleConfig(); rc.MaxConsequent=31
	r,_,_ := sets.Rules(context.Background(), rc)
	const N = mostFactorial
	facts := make([]*big.Float, N+1)
	facts[0] = big.NewFloat(1).SetPrec(160)
	for i := 1; i <= N; i++ { facts[i] = new(big.Float).SetPrec(160).Mul(facts[i-1], new(big.Float).SetInt64(int64(i))) }
	exact := func(c Counts) float64 {
		n,x,y,k := c.Baskets,c.WithAntecedent,c.WithConsequent,c.Both
		p := new(big.Float).SetPrec(160)
		for first := true; k <= min(x,y); k++ {
			u := new(big.Float).SetPrec(160).Mul(facts[x], facts[y])
			u.Mul(u, facts[n-x]); u.Mul(u, facts[n-y])
			for _, m := range []int{n,k,x-k,y-k,n-x-y+k} { u.Quo(u, facts[m]) }
			p.Add(p,u)
			if !first { q := new(big.Float).Quo(u,p); if f,_ := q.Float64(); f < 1e-22 { break } }
			first = false
		}
		f,_ := p.Float64(); return f
	}
	worst := 0.0; cnt:=0
	run := func(c Counts) {
		e := exact(c); if e < 1e-300 { return }
		g := FisherP(c); d := (g-e)/e; if d<0 {d=-d}
		cnt++
		if d > worst { worst = d; fmt.Println(c, g, e, d) }
	}
	for i, e := range r.rules { if i%4==0 { run(e.counts(r.baskets)) } }
	fmt.Println("rules", cnt, worst); 
	for _, top := range []int{200, 20000, N} {
	worst = 0; cnt = 0
	rng := rand.New(rand.NewPCG(4,4))
	for range 3000 {
		c := Counts{Baskets: top/2 + rng.IntN(top/2+1)}
		c.WithAntecedent = 1 + rng.IntN(1+rng.IntN(c.Baskets)); c.WithConsequent = 1 + rng.IntN(1+rng.IntN(c.Baskets))
		mean := float64(c.WithAntecedent)*float64(c.WithConsequent)/float64(c.Baskets)
		c.Both = int(mean + 1 + rng.Float64()*rng.Float64()*mean*2)
		if c.Both > min(c.WithAntecedent,c.WithConsequent) { continue }
		run(c)
	}
	fmt.Println(top, cnt, worst)
	}
}

func BenchmarkZZ(bb *testing.B) {
	b := onlineRetail(bb)
	c := DefaultConfig(); c.MinSupport=0; c.MinCount=93; c.MaxLength=AnyLength
	sets,_,_ := c.Mine(context.Background(), b.Baskets)
	rc := DefaultRuleConfig(); rc.MaxConsequent=31; rc.Workers=1
	bb.Run("rules", func(bb *testing.B) { for bb.Loop() { sets.Rules(context.Background(), rc) } })
	r,_,_ := sets.Rules(context.Background(), rc)
	bb.Run("bh", func(bb *testing.B) { for bb.Loop() { BenjaminiHochberg(r.p) } })
	bb.Run("measures", func(bb *testing.B) { for bb.Loop() { sum:=0.0; for _, r := range r.All() { sum+=r.Lift } } })
	bb.Run("fisher", func(bb *testing.B) { for bb.Loop() { f := newFactorials(18532, 1979); sum:=0.0; for i := range r.rules { e := &r.rules[i]; sum += f.fisherP(e.both, e.with[0], e.with[1]) } } })
	bb.Run("tail", func(bb *testing.B) { for bb.Loop() { sum:=0.0; for i := range r.rules { e := &r.rules[i]; x,y,k := float64(e.with[0]), float64(e.with[1]), float64(e.both); sum += tailSum(x-k,y-k,k+1,18532-x-y+k+1) } } })
}
