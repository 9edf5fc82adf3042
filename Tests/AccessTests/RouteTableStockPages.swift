/// The pages of stock: who reads stock reads them, and the steps are those of the API.
extension RouteTable {
    static let stockPages: String = {
        func line(_ route: String, _ may: String) -> String { "\(route) | \(may) | \(stockReaders)\n" }
        var out = ""
        for path in [
            "/stock", "/stock/today", "/stock/export.csv", "/stock/export.xlsx",
            "/stock/movements/export.csv",
            "/stock/movements/export.xlsx", "/stock/documents", "/stock/documents/{id}",
            "/stock/documents/{id}/paper", "/stock/parts", "/stock/parts/{id}", "/stock/parts/{id}/label",
            "/stock/places", "/stock/places/{id}", "/stock/places/{id}/label", "/stock/checks",
            "/stock/checks/{id}", "/stock/checks/{id}/paper", "/stock/reservations",
            "/stock/reservations/{id}",
            "/stock/periods", "/stock/periods/{month}",
        ] {
            out += line("GET \(path)", stockReaders)
        }
        for route in ["GET /stock/documents/new", "POST /stock/documents", "POST /stock/scan"] {
            out += line(route, "KLEeQ")
        }
        for route in [
            "GET /stock/documents/{id}/edit", "POST /stock/documents/{id}", "GET /stock/parts/new",
            "POST /stock/parts", "POST /stock/parts/{id}", "GET /stock/places/new", "POST /stock/places",
            "POST /stock/places/{id}",
        ] {
            out += line(route, "K")
        }
        for step in ["submission", "withdrawal", "posting", "receipt", "return", "reversal"] {
            out += line("POST /stock/documents/{id}/\(step)", "K")
        }
        out += line("POST /stock/documents/{id}/approval", "S")
        out += line("POST /stock/documents/{id}/rejection", "SK")
        out += line("GET /stock/checks/new", "KLEe") + line("POST /stock/checks", "KLEe")
        out += line("GET /stock/checks/{id}/count", "K") + line("POST /stock/checks/{id}/counts", "K")
        out += line("POST /stock/checks/{id}/finds", "K")
        out += line("POST /stock/checks/{id}/submission", "K")
        out += line("POST /stock/checks/{id}/approval", "SFM")
        out += line("POST /stock/checks/{id}/cancellation", "K")
        out += line("GET /stock/reservations/new", "KEeLS") + line("POST /stock/reservations", "KEeLS")
        out += line("POST /stock/reservations/{id}/release", "SK")
        out += line("POST /stock/reservations/{id}/approval", "S")
        for path in [
            "/stock/periods/{month}/closing", "/stock/periods/{month}/reopening", "/stock/valuation-years",
        ] { out += line("POST \(path)", "FM") }
        return out + line("POST /stock/parts/{id}/concession", "Q")
    }()
}
