package ingest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/quintile-dev/quintile/datasets/csvio"
)

func guess(t *testing.T, text string) *Guess {
	t.Helper()
	path := write(t, "a.csv", []byte(text))
	g, err := File{Path: path, Name: "a.csv"}.Guess(context.Background(), csvio.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestHeadersOfManySystemsAndLanguagesAreKnown(t *testing.T) {
	for header, want := range map[string]string{
		"increment_id,customer_email,created_at,sku,qty_ordered,price,row_total,grand_total":           "customer=customer_email time=created_at order=increment_id quantity=qty_ordered unit_price=price product=sku",
		"Name,Email,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku":            "customer=Email time=Created at order=Name quantity=Lineitem quantity unit_price=Lineitem price product=Lineitem sku description=Lineitem name",
		"id,Created (UTC),Amount,Currency,Customer ID":                                                 "customer=Customer ID time=Created (UTC) amount=Amount currency=Currency",
		"t_dat,customer_id,article_id,price,sales_channel_id":                                          "customer=customer_id time=t_dat unit_price=price product=article_id channel=sales_channel_id",
		"Auftragsnummer,Käufer,Bestelldatum,Artikelnummer,Menge,Einzelpreis":                           "customer=Käufer time=Bestelldatum order=Auftragsnummer quantity=Menge unit_price=Einzelpreis product=Artikelnummer",
		"N° commande,Code client,Date commande,Référence produit,Quantité,Prix unitaire":               "customer=Code client time=Date commande quantity=Quantité unit_price=Prix unitaire product=Référence produit",
		"Cliente,Fecha,Número pedido,Importe":                                                          "customer=Cliente time=Fecha order=Número pedido amount=Importe",
		"codice cliente,data ordine,numero ordine,prodotto,quantità,prezzo":                            "customer=codice cliente time=data ordine order=numero ordine quantity=quantità unit_price=prezzo product=prodotto",
		"klantnummer,orderdatum,ordernummer,bedrag":                                                    "customer=klantnummer time=orderdatum order=ordernummer amount=bedrag",
		"household_key,BASKET_ID,DAY,PRODUCT_ID,QUANTITY,SALES_VALUE,STORE_ID,RETAIL_DISC,COUPON_DISC": "customer=household_key time=DAY order=BASKET_ID quantity=QUANTITY amount=SALES_VALUE discount=RETAIL_DISC product=PRODUCT_ID store=STORE_ID",
		"order_id,customer_unique_id,order_purchase_timestamp,product_id,price,product_category_name":  "customer=customer_unique_id time=order_purchase_timestamp order=order_id unit_price=price product=product_id category=product_category_name",
		"amazon-order-id,purchase-date,buyer-email,sku,quantity,item-price":                            "customer=buyer-email time=purchase-date order=amazon-order-id quantity=quantity unit_price=item-price product=sku",
		"Sell-to Customer No.,Posting Date,Document No.,Item No.,Quantity,Unit Price,Line Amount":      "customer=Sell-to Customer No. time=Posting Date order=Document No. quantity=Quantity unit_price=Unit Price product=Item No.",
	} {
		g := guess(t, header+"\n")
		var got []string
		for _, role := range Roles() {
			if g.Columns[role] != "" {
				got = append(got, fmt.Sprintf("%s=%s", role, g.Columns[role]))
			}
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s\n got %s\nwant %s", header, s, want)
		}
	}
}

func TestContentOverrulesNames(t *testing.T) {
	var b strings.Builder
	b.WriteString("customer_id,order_date,order_id,quantity,price,total,value\n")
	for i := range 40 {
		fmt.Fprintf(&b, "%d,2024-01-%02d,%d,%d,%d.50,%d.50,blue\n", i%7, i%28+1, i, i%4+1, 10*(i%4+1), 10*(i%4+1))
	}
	g := guess(t, b.String())
	if g.Columns[Amount] != "total" || g.Columns[UnitPrice] != "" {
		t.Errorf("a price that is the total of its line: got %v", g.Columns)
	}
	g = guess(t, "member,when,value\n1,2024-01-05,blue\n2,2024-01-06,red\n")
	if g.Columns[Time] != "when" || g.Columns[Amount] != "" || len(g.Gaps) != 1 || g.Gaps[0].Role != Amount {
		t.Errorf("got %v, %v", g.Columns, g.Gaps)
	}
}

func TestAnAmountThatAllLinesOfAnOrderShareIsPointedOut(t *testing.T) {
	var b strings.Builder
	b.WriteString("customer,date,order,total\n")
	for i := range 20 {
		fmt.Fprintf(&b, "%d,2024-01-%02d,%d,%d\n", i/2%5, i/2+1, i/2, 100+i/2)
	}
	if g := guess(t, b.String()); len(g.Decided) != 1 || !strings.Contains(g.Decided[0], "the same on all lines of an order") {
		t.Errorf("got %q", g.Decided)
	}
}

func TestGapsNameCandidatesAndAssertNothing(t *testing.T) {
	g := guess(t, "alpha,beta,gamma\nx,1.5,2024-01-01\ny,2.5,2024-01-02\nx,3.5,2024-01-03\n")
	if g.Columns[Customer] != "" || g.Columns[Amount] != "" || g.Columns[Time] != "gamma" {
		t.Errorf("got %v", g.Columns)
	}
	got := fmt.Sprint(g.Gaps)
	if !strings.Contains(got, "{customer [alpha]") || !strings.Contains(got, "{amount [beta]") {
		t.Errorf("got %s", got)
	}
	two := guess(t, "customer,a,b\n1,2024-01-01,2024-02-01\n2,2024-01-02,2024-02-02\n")
	if two.Columns[Time] != "" || two.TimeFormat != "" || !strings.Contains(fmt.Sprint(two.Gaps), "{time [a b]") {
		t.Errorf("two columns of times: got %v, %v", two.Columns, two.Gaps)
	}
}

func TestTheDialectIsSettledBeforeTheRoles(t *testing.T) {
	g := guess(t, "Report\nfor 2024\n\nid,customer,date,amount\n1,NULL,45300.5,\"1,000.00\"\n2,7.0,45301,\"2,000.50\"\n3,8.0,45302,3\nTotal,,,6\n")
	if g.CSV.Skip != 3 || g.Thousands != ',' || g.TimeFormat != "excel" || len(g.Missing) != 1 || !g.NumericIDs {
		t.Errorf("got %+v", g)
	}
	if g := guess(t, "1;a;2024-01-01;5\n2;b;2024-01-02;6\n"); g.Header || len(g.Fields) != 4 || g.Columns[Time] != "3" {
		t.Errorf("without a header: got %+v", g)
	}
}
