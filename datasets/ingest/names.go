package ingest

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/quintile-dev/quintile/datasets"
)

// synonyms are usual names of columns, for each role, the surest first: in English, German, French, Spanish,
// Portuguese, Italian and Dutch, and as shops, tills and ledgers export them. Names are compared as by plainName.
// The role of customer is tried first, and a customer column cannot be the order column.
var synonyms = []struct {
	role  Role
	names string
}{
	{Customer, `customerid customeruniqueid customerno customernumber customercode custid custno cust customer clientid clientno clientcode client
		userid userno uid user memberid memberno member accountid accountnumber accountno accountname account householdkey householdid householdnum hshdnum
		shopperid visitorid userpseudoid buyerid buyer buyeruserid soldto soldtoparty selltocustomerno billtocustomerno partnerid
		customeremail billingemail buyeremail email emailaddress mail contactid contact loyaltyid loyaltycard cardid cardno cardnumber
		kundennummer kundennr kundenid kundenno kunde kdnr debitor debitorennr debitornr auftraggeber kaeufer
		client numeroclient codeclient idclient nclient acheteur cliente idcliente codigocliente codcliente clienteid numerocliente comprador
		codiceclienti codicecliente klant klantnummer klantid klantnr klantcode accountowner customername clientname kundenname`},
	{Time, `invoicedate orderdate orderedat orderpurchasetimestamp purchasedate purchasedat transactiondate transdate tdat transactiontime ordertime
		datetime timestamp date time createdat datecreated createdutc created createddate createdon eventtime eventtimestamp closedate postingdate documentdate dateorder
		salesdate saledate solddate soldat paidat bookingdate purchasetime ts day
		datum bestelldatum rechnungsdatum kaufdatum belegdatum buchungsdatum auftragsdatum zeitstempel
		datecommande datefacture dateachat dateheure fecha fechapedido fechafactura fechacompra data datapedido datacompra datavenda dataordine dataacquisto datafattura
		orderdatum besteldatum factuurdatum aankoopdatum`},
	{Clock, `clock timeofday uhrzeit zeit heure hora ora tijd tijdstip`},
	{Order, `invoiceno invoice invoiceid invoicenumber orderid orderno ordernumber orderreference amazonorderid order transactionid transactionno transaction basketid basket
		receiptid receiptno receiptnumber receipt ticketid ticketno ticket billno billid incrementid chargeid paymentid documentno documentnumber salesdocument opportunityid
		bestellnummer bestellnr bestellung auftragsnummer auftragsnr auftrag rechnungsnummer rechnungsnr rechnung belegnummer belegnr beleg bonnummer
		numerocommande commande idcommande facture numerofacture pedido numeropedido idpedido factura numerofactura notafiscal ordine numeroordine idordine fattura scontrino
		ordernummer bestelnummer factuurnummer factuur bonnr`},
	{Role("product"), `lineitemsku stockcode sku productid productsku productcode productno itemid itemcode itemno articleid articleno articlenumber article product productname item itemname
		lineitemname asin upc ean gtin material materialno variantid
		artikelnummer artikelnr artikel produkt referenceproduit produit codeproduit codigoproducto producto idproducto produto codigoproduto prodotto codiceprodotto codicearticolo articolo artikelcode`},
	{Role("description"), `description productname itemname productdescription title productdesc lineitemname itemdescription name
		bezeichnung beschreibung artikelbezeichnung libelle designation descripcion descricao descrizione omschrijving`},
	{Quantity, `lineitemquantity quantity qty qtyordered orderedquantity quantityordered quantityshipped quantitypurchased orderqty units pieces items count itemcount unitssold
		menge anzahl stueck stueckzahl quantite qte cantidad quantidade qtd quantita aantal hoeveelheid`},
	{UnitPrice, `lineitemprice unitprice itemcost price priceeach itemprice sellprice sellingprice productprice unitamount listprice
		preis einzelpreis stueckpreis vkpreis prix prixunitaire prixunit precio preciounitario preco precounitario valorunitario prezzo prezzounitario prijs stuksprijs eenheidsprijs`},
	{Amount, `rowtotal linetotal lineamount linevalue amount netamount totalamount netsales grosssales salesvalue sales salesamount revenue netrevenue value spend turnover
		totalprice itemtotal ordertotal grandtotal subtotal total netvalue pricetotal pricesubtotal paymentvalue transactionamount purchaseamount saleamount
		betrag umsatz gesamtbetrag summe nettobetrag nettowert bruttobetrag warenwert gesamtpreis gesamt positionsbetrag
		montant montantttc montantht total totalttc totalht chiffreaffaires importe importetotal valor valortotal monto totale importo importototale ricavo bedrag totaalbedrag omzet totaal`},
	{Cost, `cost linecost totalcost cogs unitcost costofgoods einkaufspreis kosten wareneinsatz cout costo custo`},
	{Currency, `currency currencycode currencyiso currencyisocode ordercurrency ordercurrencycode waehrung whrung whrg devise moneda moeda valuta`},
	{Discount, `discount discountamount rebate retaildisc lineitemdiscount totaldiscount rabatt nachlass remise descuento desconto sconto korting`},
	{Role("category"), `category productcategory department commodity commoditydesc itemcategory categorycode categoryid productcategoryname productgroup lineitemcategory
		kategorie warengruppe produktgruppe categorie rayon categoria productgroep`},
	{Role("channel"), `channel saleschannel saleschannelid source sourcename medium kanal vertriebskanal canal canale kanaal`},
	{Role("store"), `storeid storenum store shopid shop branch location locationname outlet filiale markt laden magasin boutique tienda loja negozio winkel filiaal`},
	{Role("region"), `country region state city shippingcountry billingcountry shipcountry land bundesland ort pays ville pais ciudad cidade paese citta stad`},
	{Role("salesperson"), `salesperson salesrep seller employeeid clerk employee vendor verkaeufer mitarbeiter vendeur vendedor venditore verkoper`},
	{Role("campaign"), `campaign campaignid promotion promo coupon couponcode discountcode kampagne aktion campagne campana campanha campagna`},
}

// plainName returns a name without case, blanks, punctuation and accents, as synonyms are written: ä is ae, é is e.
func plainName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case r > unicode.MaxASCII:
			b.WriteString(plainLetters[r])
		}
	}
	return b.String()
}

// plainLetters are the letters without accents of the languages of synonyms.
var plainLetters = map[rune]string{
	'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'à': "a", 'á': "a", 'â': "a", 'ã': "a", 'å': "a", 'ç': "c", 'è': "e", 'é': "e", 'ê': "e", 'ë': "e",
	'ì': "i", 'í': "i", 'î': "i", 'ï': "i", 'ñ': "n", 'ò': "o", 'ó': "o", 'ô': "o", 'õ': "o", 'ù': "u", 'ú': "u", 'û': "u", 'ø': "o", 'œ': "oe", 'æ': "ae",
}

// matchNames gives roles to columns by their names.
func (g *Guess) matchNames() {
	taken := map[string]bool{}
	give := func(role Role, match func(name string) bool) {
		i := slices.IndexFunc(g.Fields, func(f datasets.Field) bool { return match(f.Name) && !taken[f.Name] })
		if i >= 0 && g.Columns[role] == "" {
			g.Columns[role], taken[g.Fields[i].Name] = g.Fields[i].Name, true
		}
	}
	has := func(plain string) bool {
		return slices.ContainsFunc(g.Fields, func(f datasets.Field) bool { return plainName(f.Name) == plain })
	}
	if has("lineitemquantity") || has("lineitemprice") { // Shopify calls its orders names
		give(Order, func(name string) bool { return plainName(name) == "name" })
	}
	for _, s := range synonyms {
		if s.role == Amount && g.Columns[UnitPrice] != "" && g.Columns[Quantity] != "" {
			continue
		}
		for _, plain := range strings.Fields(s.names) {
			give(s.role, func(name string) bool { return plainName(name) == plain })
		}
	}
	if date := g.Columns[Time]; g.Columns[Clock] == "" && strings.Contains(plainName(date), "dat") {
		give(Clock, func(name string) bool { return plainName(name) == "time" })
	}
	if g.Columns[Amount] != "" { // an amount as it stands is surer than a product of two columns
		delete(taken, g.Columns[UnitPrice])
		delete(g.Columns, UnitPrice)
	}
	g.findUnused()
}

// askRepeated takes roles off names that several columns have: nothing says which is meant.
func (g *Guess) askRepeated() {
	for _, role := range Roles() {
		at := ColumnsNamed(g.Fields, g.Columns[role])
		if len(at) < 2 {
			continue
		}
		gap := Gap{Role: role, Reason: Ambiguity(g.Fields, g.Columns[role]), Asks: true}
		for _, n := range at {
			gap.Candidates = append(gap.Candidates, fmt.Sprintf("#%d", n))
		}
		g.Gaps = append(g.Gaps, gap)
		delete(g.Columns, role)
	}
}

// findUnused lists the columns without a role.
func (g *Guess) findUnused() {
	g.Unused = nil
	for _, f := range g.Fields {
		used := false
		for _, name := range g.Columns {
			used = used || name == f.Name
		}
		if !used {
			g.Unused = append(g.Unused, f.Name)
		}
	}
}
