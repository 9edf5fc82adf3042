import Base
import InstalledBase
import TestKit
import Testing

/// The pages of the installed base and what leaves by them.
@Suite struct InstalledPageTests {
    static let nasty = "<script>alert(1)</script>"

    private func filled() async throws -> (Yard, unit: String, contract: String) {
        let y = try await Yard.open()
        let id = try await y.unit(
            "X\(Self.nasty)",
            [
                ("batch", "B1"), ("note", .string("=HYPERLINK(\"x\") \(Self.nasty)")),
                ("warranty_from", "2025-01-01"), ("warranty_until", "2027-12-31"), ("warranty_hours", 20000),
                ("delivered_on", "2024-12-01"), ("accepted_on", "2025-01-01"),
            ])
        let path = "/product-units/\(id)"
        try await y.make(
            path + "/configuration", ["position": .string(Self.nasty), "software": "1"], as: "engineer")
        try await y.make(path + "/readings", ["hours": 100], as: "engineer")
        try await y.make(
            path + "/downtimes", ["from_at": "2026-03-01T00:00:00Z", "reason": .string(Self.nasty)],
            as: "engineer")
        try await y.make(path + "/contacts", ["account_id": .string(y.id("engineer"))])
        let contract = try await y.make(
            "/contracts",
            [
                "number": .string("C\(Self.nasty)"), "name": .string(Self.nasty),
                "customer_id": .string(y.id("org1")), "from_on": "2026-01-01", "until_on": "2026-12-31",
                "included": ["repair"],
            ])
        return (y, id, contract["id"]?.string ?? "")
    }

    @Test func everyPageInEveryLanguage() async throws {
        let (y, unit, contract) = try await filled()
        let pages = [
            "/products", "/products?q=ga", "/products/new", "/products/\(y.id("product"))", "/product-units",
            "/product-units?use=installed&q=x", "/product-units?q=nothing-at-all", "/product-units/new",
            "/product-units/\(unit)", "/product-units/\(unit)/edit", "/contracts", "/contracts?in_force=1",
            "/contracts/new", "/contracts/\(contract)", "/tickets/new?serial=X\(FormBody.encode(Self.nasty))",
        ]
        for language in ["en", "zh-Hans", "zh-Hant"] {
            for who in ["service_manager", "customer", "engineer"] {
                try await y.speak(language, who)
                for path in pages {
                    let page = try await y.page(who, "GET", path)
                    if who == "service_manager" {
                        #expect(page.status == 200, "\(path): \(page.text.prefix(400))")
                    }
                    #expect(page.status < 500, "\(path)")
                    if page.status == 200 { #expect(page.text.contains("<html lang=\"\(language)\"")) }
                    #expect(!page.text.contains("<script>alert"), "\(path)")
                    for key in [
                        "unit.", "units.", "product.", "products.", "contract.", "installed.f.", "fact.",
                        "service.kind.",
                    ] {
                        #expect(
                            !page.text.contains(">\(key)"), "\(who) \(path) \(language) shows a key \(key)")
                    }
                    let ids = page.text.split(separator: " id=\"").dropFirst().map {
                        $0.prefix { $0 != "\"" }
                    }
                    #expect(Set(ids).count == ids.count, "\(path) has an id twice: \(ids.sorted())")
                }
            }
        }
        try await y.close()
    }

    @Test func formsMakeAndChange() async throws {
        let (y, unit, _) = try await filled()
        func post(_ path: String, _ fields: [(String, String)], as who: String = "service_manager")
            async throws
            -> HTTPClient.Response
        {
            try await y.page(
                who, "POST", path, form: FormBody(fields.map { .init($0.0, $0.1) }).encoded)
        }
        let made = try await post(
            "/product-units",
            [
                ("product_id", y.id("product")), ("serial", "Ｎ１"), ("place", "site:" + y.id("site1")),
                ("delivered_on", "2026-01-31"), ("warranty_months", "1"), ("warranty_until", ""),
            ])
        #expect(made.status == 303, "\(made.text.prefix(300))")
        let path = String((made.header("Location") ?? "").prefix { $0 != "?" })
        let json = try await y.api("customer").get(path).json
        #expect(json["serial"] == "N1")
        #expect(json["warranty_until"] == "2026-02-27")
        let again = try await post("/product-units", [("product_id", y.id("product")), ("serial", "n1")])
        #expect(again.status == 422)
        #expect(again.text.contains("N1 exists already for this product"))
        let edit = [
            ("version", "1"), ("serial", "N1"), ("place", "site:" + y.id("site1")), ("software_version", "2"),
            ("use", "loan"),
        ]
        #expect(try await post(path, edit).status == 303)
        #expect(try await post(path, edit).status == 412)
        let changed = try await y.api("customer").get(path).json
        #expect(changed["site_id"]?.string == y.id("site1"))
        #expect(changed["use"] == "loan")
        // A refused part form opens again with what was typed, and the others stay empty.
        let refused = try await post(
            "/product-units/\(unit)/configuration", [("position", "P-7"), ("part_number", "")], as: "engineer"
        )
        #expect(refused.status == 422)
        #expect(refused.text.contains("value=\"P-7\""))
        let product = try await post("/products", [("kind", "system"), ("code", "new"), ("name", "N")])
        #expect(product.status == 303)
        let contract = try await post(
            "/contracts",
            [
                ("number", "K-1"), ("name", "K"), ("customer_id", y.id("org1")), ("from_on", "2026-01-01"),
                ("until_on", "2026-12-31"), ("included", ""), ("included.repair", "1"), ("charged", ""),
                ("charged.travel", "1"), ("unit_ids", "N1"),
            ])
        #expect(contract.status == 303, "\(contract.text.prefix(300))")
        let at = String((contract.header("Location") ?? "").prefix { $0 != "?" })
        let kept = try await y.api("customer").get(at).json
        #expect(kept["included"] == ["repair"])
        #expect(kept["unit_ids"]?.array?.count == 1)
        let emptied = try await post(
            at, [("version", "1"), ("name", "K"), ("included", ""), ("charged", ""), ("unit_ids", "")])
        #expect(emptied.status == 303)
        #expect(try await y.api("customer").get(at).json["included"] == [])
        try await y.close()
    }

    @Test func exportsSayWhatTheListShows() async throws {
        let (y, _, _) = try await filled()
        _ = try await y.unit("U-2")
        let csv = try await y.page("service_manager", "GET", "/product-units/export.csv")
        #expect(csv.status == 200)
        #expect(csv.header("Content-Type") == "text/csv; charset=utf-8")
        var reader = CSV.Reader()
        let rows = try reader.feed(csv.body) + reader.finish()
        #expect(rows.count == 3)
        #expect(rows[0].fields.first == "Serial number")
        #expect(csv.text.contains("'=HYPERLINK"))
        let one = try await y.page("service_manager", "GET", "/product-units/export.csv?serial=U-2")
        #expect(one.text.contains("U-2") && !one.text.contains("HYPERLINK"))
        let sheet = try await y.page("service_manager", "GET", "/product-units/export.xlsx")
        #expect(sheet.status == 200)
        #expect(sheet.body.prefix(4) == [0x50, 0x4B, 0x03, 0x04])
        let foreign = try await y.page("customer2", "GET", "/product-units/export.csv")
        #expect(foreign.text.split(separator: "\r\n").count == 1)
        try await y.close()
    }
}
