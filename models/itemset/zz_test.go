package itemset

import ("testing";"fmt";"sort";"context")

func TestZZ(t *testing.T) {
	b := onlineRetail(t)
	c := DefaultConfig(); c.MinSupport=0; c.MinCount=93; c.MaxLength=AnyLength
	sets,_,_ := c.Mine(context.Background(), b.Baskets)
	for l:=1;l<=sets.MaxLength();l++ { f,to:=sets.OfLength(l); fmt.Println("len",l,to-f) }
	rc := DefaultRuleConfig(); rc.MaxConsequent=31
	r,_,_ := sets.Rules(context.Background(), rc)
	seen := map[[3]uint32]bool{}
	terms := map[int]int{}; ms := map[int]bool{}; xs:=map[int]bool{}; ratios:=[]float64{}; mx:=0; small:=0
	ds := map[int]bool{}; cs:=map[int]bool{}; minp:=1.0; under:=0
	bylen := map[int]int{}; 
	for _, e := range r.rules {
		bylen[int(e.right)]++
		n := e.counts(r.baskets)
		lo,hi := min(e.with[0],e.with[1]), max(e.with[0],e.with[1])
		k := [3]uint32{e.both,lo,hi}
		if seen[k] {continue}
		seen[k]=true
		p := FisherP(n); if p<minp {minp=p}; if p==0 {under++}
		x,y,both,nn := float64(lo),float64(hi),float64(e.both),float64(r.baskets)
		sum,term:=1.0,1.0; i:=0
		for term>1e-14*sum { kk:=both+float64(i); rr:=(x-kk)*(y-kk)/((kk+1)*(nn-x-y+kk+1)); if i==0 {ratios=append(ratios,rr)}; term*=rr; sum+=term; i++ }
		terms[i]++
		xs[int(lo)]=true; xs[int(hi)]=true; mx=max(mx,int(hi))
		cs[int(e.both)]=true; cs[int(lo-e.both)]=true; cs[int(hi-e.both)]=true
		d := n.Baskets-int(lo)-int(hi)+int(e.both); ds[d]=true; ds[n.Baskets-int(lo)]=true; ds[n.Baskets-int(hi)]=true
		for _,m := range []int{int(lo),int(hi),int(e.both),int(lo-e.both),int(hi-e.both),d,n.Baskets-int(lo),n.Baskets-int(hi)} { ms[m]=true }
		if hi<1024 {small++}
	}
	fmt.Println(len(r.rules), len(seen), "distinct m", len(ms), "xs", len(xs), "cells", len(cs), "near n", len(ds), "max", mx, "small", small, minp, under, bylen)
	var ks []int; for k := range terms { ks=append(ks,k)}; sort.Ints(ks); tot:=0
	for _,k := range ks { fmt.Print(k,":",terms[k]," "); tot+=k*terms[k] }
	fmt.Println(float64(tot)/float64(len(seen)))
	sort.Float64s(ratios); for q:=0;q<=10;q++ { fmt.Print(ratios[q*(len(ratios)-1)/10]," ") }
	fmt.Println()
}
