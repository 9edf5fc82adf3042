import Base
import InstalledBase
import Store
import TestKit
import Testing

/// Products, units and what happens to them, through the API.
@Suite struct UnitTests {
    @Test func productsAreATree() async throws {
        let y = try await Yard.open()
        let below = try await y.make(
            "/products",
            ["kind": "subsystem", "code": "ga73.srv", "name": "伺服", "parent_id": .string(y.id("product"))])
        #expect(below["code"] == "GA73.SRV")
        #expect(below["watched_tickets"] == .null)
        let id = below["id"]?.string ?? ""
        try await y.make(
            "/products",
            ["kind": "position", "code": "GA73.SRV.ACU", "name": "ACU", "parent_id": .string(id)],
            as: "administrator")
        for (body, code) in [
            (["code": "GA73", "name": "x"] as JSON, "product.code_taken"),
            (["kind": "subsystem", "code": "Y", "name": "x"], "field.required"),
            (["kind": "system", "code": "Y", "name": "x", "parent_id": .string(id)], "product.top"),
            (["kind": "subsystem", "code": "Y", "name": "x", "parent_id": "none"], "field.no_such"),
        ] {
            let reply = try await y.make("/products", body, expect: 422)
            #expect(reply["errors"]?.array?.first?["code"]?.string == code)
        }
        let list = try await y.api("engineer2").get("/products?parent=\(y.id("product"))")
        #expect(list.json["items"]?.array?.compactMap { $0["code"]?.string } == ["GA73.SRV"])
        let path = "/products/\(id)"
        #expect(try await y.patch("service_manager", path, ["name": "伺服分系统"], match: nil).status == 428)
        #expect(try await y.patch("service_manager", path, ["name": "伺服分系统"], match: "9").status == 412)
        let circle = try await y.api("service_manager").get("/products?q=ACU")
        let leaf = circle.json["items"]?.array?.first?["id"]?.string ?? ""
        let refused = try await y.patch(
            "service_manager", path, ["parent_id": .string(leaf)], match: "1")
        #expect(refused.json["errors"]?.array?.first?["code"] == "product.circle")
        #expect(try await y.patch("service_manager", path, ["name": "伺服分系统"], match: "1").status == 200)
        #expect(try await y.history() == [])
        try await y.close()
    }

    @Test func aSerialNumberIsFoundHoweverItIsTyped() async throws {
        let y = try await Yard.open()
        let id = try await y.unit("ga73-2019-0012")
        for typed in ["GA73-2019-0012", "ga73-2019-0012", "ＧＡ７３－２０１９－００１２", " GA73‑2019‑0012 "] {
            let query = FormBody.encode(typed)
            for path in ["/product-units?serial=\(query)", "/product-units/lookup?serial=\(query)"] {
                let found = try await y.api("engineer").get(path).json["items"]?.array
                #expect(found?.count == 1, "\(typed)")
                let unit = path.contains("lookup") ? found?.first?["unit"] : found?.first
                #expect(unit?["id"]?.string == id)
            }
        }
        // Foreign people find nothing, whatever they type.
        for who in ["customer2", "engineer2"] {
            #expect(try await y.api(who).get("/product-units/\(id)").status == 404)
            let found = try await y.api(who).get("/product-units/lookup?serial=GA73-2019-0012")
            #expect(found.json["items"]?.array == [])
        }
        let again = try await y.make(
            "/product-units", ["product_id": .string(y.id("product")), "serial": "ＧＡ73-2019-0012"],
            expect: 422)
        #expect(again["errors"]?.array?.first?["code"] == "unit.serial_taken")
        let nothing = try await y.make(
            "/product-units", ["product_id": .string(y.id("product"))], expect: 422)
        #expect(nothing["errors"]?.array?.first?["code"] == "unit.serial_or_batch")
        for _ in 0..<2 {
            try await y.make("/product-units", ["product_id": .string(y.id("product")), "batch": "B26"])
        }
        try await y.close()
    }

    @Test func siteProjectAndCustomerFit() async throws {
        let y = try await Yard.open()
        let product = JSON.string(y.id("product"))
        let made = try await y.make(
            "/product-units", ["product_id": product, "serial": "A", "site_id": .string(y.id("site1"))])
        #expect(made["project_id"]?.string == y.id("project1"))
        #expect(made["customer_id"]?.string == y.id("org1"))
        for wrong: JSON in [
            [
                "product_id": product, "serial": "B", "site_id": .string(y.id("site1")),
                "project_id": .string(y.id("project2")),
            ],
            [
                "product_id": product, "serial": "B", "project_id": .string(y.id("project1")),
                "customer_id": .string(y.id("org2")),
            ],
            ["product_id": "none", "serial": "B"],
            ["product_id": product, "serial": "B", "customer_id": .string(y.id("supplier"))],
            [
                "product_id": product, "serial": "B", "delivered_on": "2026-03-02",
                "accepted_on": "2026-03-01",
            ],
        ] { try await y.make("/product-units", wrong, expect: 422) }
        // A unit that is sold on says its project and site anew.
        let id = made["id"]?.string ?? ""
        let moved = try await y.patch(
            "service_manager", "/product-units/\(id)", ["customer_id": .string(y.id("org2"))], match: "1")
        #expect(moved.json["project_id"] == .null)
        #expect(moved.json["site_id"] == .null)
        #expect(try await y.api("customer").get("/product-units/\(id)").status == 404)
        #expect(try await y.api("customer2").get("/product-units/\(id)").status == 200)
        try await y.close()
    }

    @Test func whoWorksThereWritesWhatHappensButNotWhatWasAgreed() async throws {
        let y = try await Yard.open()
        let path = "/product-units/\(try await y.unit())"
        let done = try await y.patch("engineer", path, ["software_version": "ACU 3.2"], match: "1")
        #expect(done.status == 200)
        for body: JSON in [
            ["serial": "X"], ["warranty_until": "2030-01-01"], ["warranty_hours": 5],
            ["customer_id": .string(y.id("org2"))],
        ] {
            let refused = try await y.patch("engineer", path, body, match: "2")
            #expect(refused.status == 403)
            #expect(refused.code == "unit.not_yours_to_change")
        }
        #expect(try await y.patch("customer", path, ["note": "x"], match: "2").status == 403)
        #expect(try await y.patch("engineer2", path, ["note": "x"], match: "2").status == 404)
        #expect(try await y.patch("site_lead", path, ["note": "x"], match: "2").status == 200)
        try await y.close()
    }

    @Test func aConfigurationHasAHistory() async throws {
        let y = try await Yard.open()
        let path = "/product-units/\(try await y.unit())"
        let first = try await y.make(
            path + "/configuration",
            [
                "position": "GA73.SRV.ACU", "part_number": "yh-acu-3", "serial": "０１",
                "from_at": "2025-01-01T00:00:00Z",
            ],
            as: "engineer")
        #expect(first["part_number"] == "YH-ACU-3")
        #expect(first["serial"] == "01")
        try await y.make(
            path + "/configuration",
            ["position": "GA73.SRV.ACU", "serial": "02", "from_at": "2026-01-01T00:00:00Z"],
            as: "site_lead")
        for (from, status) in [("2025-06-01T00:00:00Z", 422), ("2027-01-01T00:00:00Z", 422)] {
            try await y.make(
                path + "/configuration",
                ["position": "GA73.SRV.ACU", "serial": "03", "from_at": .string(from)],
                expect: status)
        }
        try await y.make(path + "/configuration", ["position": "GA73.SRV.ACU"], expect: 422)
        let parts = try await y.api("customer").get(path + "/configuration").json["items"]?.array ?? []
        #expect(parts.map { $0["serial"]?.string } == ["02", "01"])
        #expect(parts.map { $0["to_at"]?.string } == [nil, "2026-01-01T00:00:00Z"])
        let id = parts.first?["id"]?.string ?? ""
        try await y.make("\(path)/configuration/\(id)/removal", [:], as: "engineer", expect: 200)
        try await y.make("\(path)/configuration/\(id)/removal", [:], as: "engineer", expect: 409)
        #expect(try await y.history() == [])
        try await y.close()
    }

    @Test func aMeterNeverRunsBack() async throws {
        let y = try await Yard.open()
        let path = "/product-units/\(try await y.unit())"
        func read(_ hours: Int64, _ day: String, replaced: Bool = false, _ status: Int = 201) async throws
            -> JSON
        {
            try await y.make(
                path + "/readings",
                ["hours": .int(hours), "at": .string(day + "T00:00:00Z"), "meter_replaced": .bool(replaced)],
                as: "engineer", expect: status)
        }
        #expect(try await read(1000, "2026-01-01")["total_hours"] == 1000)
        #expect(try await read(1500, "2026-02-01")["total_hours"] == 1500)
        #expect(
            try await read(1400, "2026-02-10", 422)["errors"]?.array?.first?["code"] == "reading.runs_back")
        #expect(
            try await read(1600, "2026-01-15", 422)["errors"]?.array?.first?["code"] == "reading.runs_back")
        #expect(try await read(1200, "2026-01-15")["total_hours"] == 1200)
        #expect(try await read(1200, "2026-01-15", 422)["errors"]?.array?.first?["code"] == "reading.exists")
        #expect(try await read(900, "2025-12-15")["total_hours"] == 900)
        #expect(try await read(40, "2026-03-01", replaced: true)["total_hours"] == 1540)
        _ = try await read(1550, "2026-02-15", 422)
        #expect(try await read(60, "2026-03-05")["total_hours"] == 1560)
        _ = try await read(60, "2027-03-05", 422)
        _ = try await read(-1, "2026-03-06", 422)
        let unit = try await y.api("customer").get(path).json
        #expect(unit["operating_hours"] == 1560)
        #expect(unit["hours_read_at"] == "2026-03-05T00:00:00Z")
        try await y.close()
    }

    /// Warranty by hours hangs on the readings: none runs faster than the clock, none is older than the unit.
    @Test func aMeterDoesNotRunAheadOfTheClock() async throws {
        let y = try await Yard.open()
        let path = "/product-units/\(try await y.unit("GA73-2019-0077", [("delivered_on", "2026-01-01")]))"
        // House time is eight hours ahead of UTC; 48 h lie between two noons, and a day is forgiven.
        for (hours, at, replaced, code) in [
            (10, "2025-12-31T12:00:00Z", false, "reading.before_delivery"),
            (10, "2025-12-31T17:00:00Z", false, ""),
            (5000, "2026-01-02T12:00:00Z", false, "reading.runs_ahead"),
            (100, "2026-01-10T12:00:00Z", false, ""),
            (173, "2026-01-12T12:00:00Z", false, "reading.runs_ahead"),
            (172, "2026-01-12T12:00:00Z", false, ""),
            (170, "2026-01-10T18:00:00Z", false, "reading.runs_ahead"),
            (120, "2026-01-11T00:00:00Z", false, ""), (9000, "2026-01-20T00:00:00Z", true, ""),
            (9216, "2026-01-28T00:00:00Z", false, ""),
            (9265, "2026-01-29T00:00:00Z", false, "reading.runs_ahead"),
        ] as [(Int64, String, Bool, String)] {
            let made = try await y.make(
                path + "/readings",
                ["hours": .int(hours), "at": .string(at), "meter_replaced": .bool(replaced)],
                as: "engineer", expect: code.isEmpty ? 201 : 422)
            let said = made["errors"]?.array?.first?["code"]?.string ?? ""
            #expect(said == code, "\(hours) at \(at): \(made)")
        }
        try await y.close()
    }

    @Test func downtimesDoNotOverlap() async throws {
        let y = try await Yard.open()
        let path = "/product-units/\(try await y.unit())"
        func down(_ from: String, _ to: String?, _ status: Int = 201) async throws -> JSON {
            try await y.make(
                path + "/downtimes",
                [
                    "from_at": .string(from), "to_at": .of(to), "reason": "Power <b>out</b>",
                    "kind": "external",
                ],
                as: "engineer", expect: status)
        }
        _ = try await down("2026-03-01T00:00:00Z", "2026-03-01T06:00:00Z")
        _ = try await down("2026-03-01T05:00:00Z", nil, 409)
        _ = try await down("2026-03-01T07:00:00Z", "2026-03-01T06:00:00Z", 422)
        let open = try await down("2026-03-01T06:00:00Z", nil)
        _ = try await down("2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z", 409)
        let one = "\(path)/downtimes/\(open["id"]?.string ?? "")"
        #expect(
            try await y.patch("engineer", one, ["to_at": "2026-03-01T09:00:00Z"], match: nil).status == 428)
        #expect(
            try await y.patch("engineer", one, ["to_at": "2026-03-01T09:00:00Z"], match: "1").status == 200)
        #expect(
            try await y.patch("engineer", one, ["to_at": "2026-03-01T08:00:00Z"], match: "1").status == 412)
        #expect(try await y.patch("customer", one, ["reason": "x"], match: "2").status == 403)
        _ = try await down("2026-03-02T00:00:00Z", "2026-03-02T01:00:00Z")
        try await y.close()
    }

    @Test func contractsCoverUnits() async throws {
        let y = try await Yard.open()
        let id = try await y.unit("U-1", [("warranty_from", "2023-01-01"), ("warranty_until", "2025-12-31")])
        let other = try await y.unit("U-2")
        func warranty(_ id: String) async throws -> JSON? {
            try await y.api("customer").get("/product-units/\(id)").json["warranty"]
        }
        #expect(try await warranty(id)?["in_warranty"] == false)
        #expect(try await warranty(id)?["until"] == "2025-12-31")
        let made = try await y.make(
            "/contracts",
            [
                "number": "yh-sv-2026-001", "name": "Care", "customer_id": .string(y.id("org1")),
                "from_on": "2026-01-01", "until_on": "2026-12-31", "included": ["support", "repair"],
                "charged": ["travel"], "unit_ids": ["u-1"], "policy_id": "house",
            ])
        #expect(made["number"] == "YH-SV-2026-001")
        #expect(made["unit_ids"]?.array?.count == 1)
        #expect(try await warranty(id)?["by"] == "contract")
        #expect(try await warranty(other)?["in_warranty"] == false)
        let path = "/contracts/\(made["id"]?.string ?? "")"
        for (body, code) in [
            (["charged": ["repair"]] as JSON, "contract.both"), (["unit_ids": ["nothing"]], "contract.unit"),
            (["policy_id": "none"], "field.no_such"), (["until_on": "2025-01-01"], "field.ends_before"),
            (["project_id": .string(y.id("project2"))], "field.no_such"),
        ] {
            let refused = try await y.patch("service_manager", path, body, match: "1")
            #expect(refused.status == 422)
            #expect(refused.json["errors"]?.array?.first?["code"]?.string == code)
        }
        // Without units it covers all that the customer has.
        #expect(try await y.patch("service_manager", path, ["unit_ids": []], match: "1").status == 200)
        #expect(try await warranty(other)?["by"] == "contract")
        #expect(try await y.api("customer").get("/contracts").json["items"]?.array?.count == 1)
        #expect(try await y.api("customer2").get("/contracts").json["items"]?.array == [])
        #expect(try await y.api("customer2").get(path).status == 404)
        #expect(try await y.api("engineer").get(path).status == 404)
        #expect(try await y.history() == [])
        try await y.close()
    }

    @Test func aUnitHasItsOwnContacts() async throws {
        let y = try await Yard.open()
        let path = "/product-units/\(try await y.unit())/contacts"
        try await y.make(path, ["part": "contact", "account_id": .string(y.id("engineer"))])
        try await y.make(path, ["part": "customer", "account_id": .string(y.id("customer"))])
        for (part, who) in [("customer", "customer2"), ("contact", "customer"), ("contact", "nobody")] {
            try await y.make(path, ["part": .string(part), "account_id": .string(y.id(who))], expect: 422)
        }
        y.house.clock.advance(.days(1))
        try await y.make(path, ["part": "contact", "account_id": .string(y.id("engineer2"))])
        let all = try await y.api("customer").get(path).json["items"]?.array ?? []
        #expect(all.filter { $0["to_at"] == .null }.count == 2)
        #expect(all.count == 3)
        try await y.close()
    }

    @Test func listsPageByKey() async throws {
        let y = try await Yard.open()
        for n in 1...7 { _ = try await y.unit("U-\(n)") }
        var seen: [String] = []
        var cursor = ""
        repeat {
            let page = try await y.api("customer").get(
                "/product-units?limit=3" + (cursor.isEmpty ? "" : "&cursor=\(cursor)")
            ).json
            seen += page["items"]?.array?.compactMap { $0["serial"]?.string } ?? []
            cursor = page["next_cursor"]?.string ?? ""
        } while !cursor.isEmpty
        #expect(seen == (1...7).map { "U-\($0)" })
        let first =
            try await y.api("customer").get("/product-units?limit=3").json["next_cursor"]?.string ?? ""
        #expect(try await y.api("customer2").get("/product-units?limit=3&cursor=\(first)").status == 422)
        #expect(try await y.api("customer").get("/product-units?limit=3&q=x&cursor=\(first)").status == 422)
        try await y.close()
    }
}

extension JSON: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
