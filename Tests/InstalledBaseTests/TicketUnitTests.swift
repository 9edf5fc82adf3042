import Base
import InstalledBase
import ServiceLevels
import Store
import TestKit
import Testing

/// Tickets know the unit that they are about.
@Suite struct TicketUnitTests {
    private func report(_ y: Yard, _ more: JSON) -> JSON {
        .object(
            (more.members ?? []) + [
                .init("title", "Azimuth stops"), .init("description", "Alarm AZ-217."),
                .init("category", "quality"),
            ])
    }

    @Test func aUnitFillsTheRest() async throws {
        let y = try await Yard.open()
        let id = try await y.unit("GA73-2019-0012", [("batch", "B19"), ("software_version", "ACU 3.2")])
        try await y.make(
            "/product-units/\(id)/configuration", ["position": "ACU", "part_number": "YH-ACU-3"],
            as: "engineer")
        try await y.make("/product-units/\(id)/readings", ["hours": 18420], as: "engineer")
        for body: JSON in [
            ["product_unit_id": .string(id)], ["serial": "ｇａ73-2019-0012"],
        ] {
            let t = try await y.make("/tickets", report(y, body), as: "customer")
            #expect(t["product_unit"]?.string == id)
            #expect(t["product"] == "7.3米卫星地面站天线")
            #expect(t["serial"] == "GA73-2019-0012")
            #expect(t["batch"] == "B19")
            #expect(t["configuration"] == "ACU 3.2\nACU: YH-ACU-3")
            #expect(t["operating_hours"] == "18420 h")
            #expect(t["project"]?["id"]?.string == y.id("project1"))
            #expect(t["site"]?["id"]?.string == y.id("site1"))
            #expect(t["is_watched"] == true)
        }
        // What was said stays.
        let said = try await y.make(
            "/tickets",
            report(
                y,
                [
                    "product_unit_id": .string(id), "model": "GA73-B", "operating_hours": "5 h",
                    "requester_id": .string(y.id("customer")),
                ]),
            as: "service_manager")
        #expect(said["model"] == "GA73-B")
        #expect(said["operating_hours"] == "5 h")
        #expect(said["organization"]?["id"]?.string == y.id("org1"))
        let unit = try await y.page("service_manager", "GET", "/product-units/\(id)")
        #expect(unit.text.contains("Azimuth stops"))
        #expect(try await y.history() == [])
        try await y.close()
    }

    @Test func whoeverWorksAtATicketSeesItsUnit() async throws {
        let y = try await Yard.open()
        let id = try await y.unit()
        let t = try await y.make("/tickets", report(y, ["product_unit_id": .string(id)]), as: "customer")
        let path = "/tickets/\(t["number"]?.string ?? "")"
        try await y.make(
            path + "/approval", ["category": "quality", "impact": "large", "commonness": "common"],
            expect: 200)
        #expect(try await y.api("engineer2").get("/product-units/\(id)").status == 404)
        try await y.make(path + "/assignment", ["engineer_id": .string(y.id("engineer2"))], expect: 200)
        #expect(try await y.api("engineer2").get("/product-units/\(id)").status == 200)
        #expect(try await y.api("engineer2").get("/product-units").json["items"]?.array?.count == 1)
        try await y.make("/product-units/\(id)/readings", ["hours": 1], as: "engineer2")
        #expect(try await y.api("customer2").get("/product-units/\(id)").status == 404)
        try await y.close()
    }

    /// A downtime names a ticket that something may still come to.
    @Test func aDowntimeNamesNoTicketThatHasEnded() async throws {
        let y = try await Yard.open()
        let id = try await y.unit()
        func down(_ ticket: String, _ hour: Int, _ status: Int) async throws -> JSON {
            try await y.make(
                "/product-units/\(id)/downtimes",
                [
                    "from_at": .string("2026-03-01T0\(hour):00:00Z"),
                    "to_at": .string("2026-03-01T0\(hour):30:00Z"), "reason": "Power out",
                    "ticket_id": .string(ticket),
                ], expect: status)
        }
        let t = try await y.make("/tickets", report(y, ["product_unit_id": .string(id)]), as: "customer")
        let number = t["number"]?.string ?? ""
        #expect(try await down(number, 1, 201)["ticket_id"]?.string == t["id"]?.string)
        try await y.make("/tickets/\(number)/rejection", ["reason": "Not ours"], expect: 200)
        #expect(try await down(number, 2, 409)["code"] == "ticket.state")
        #expect(
            try await down("TK-99-9999", 3, 422)["errors"]?.array?.first?["code"]
                == "ticket.unknown_reference")
        try await y.close()
    }

    @Test func ticketsAreListedByTheirUnit() async throws {
        let y = try await Yard.open()
        let (id, other) = (try await y.unit("U-1"), try await y.unit("U-2"))
        for unit in [id, other, id] {
            try await y.make("/tickets", report(y, ["product_unit_id": .string(unit)]), as: "customer")
        }
        for (unit, count) in [(id, 2), (other, 1), ("none", 0)] {
            for who in ["customer", "service_manager"] {
                let found = try await y.api(who).get("/tickets?unit=\(unit)")
                #expect(found.json["items"]?.array?.count == count, "\(who) \(found.text)")
            }
        }
        #expect(try await y.api("customer2").get("/tickets?unit=\(id)").json["items"]?.array?.count == 0)
        #expect(
            try await y.page("service_manager", "GET", "/product-units/\(id)").text.contains(
                "/tickets?unit=\(id)"))
        #expect(try await y.page("service_manager", "GET", "/tickets?unit=\(id)").text.contains("U-1"))
        #expect(!(try await y.page("customer2", "GET", "/tickets?unit=\(id)").text.contains("U-1")))
        try await y.close()
    }

    /// Somebody who sees a unit by a ticket, but enters none for its customer, hears whose it is.
    @Test func intakeNamesTheCustomerThatIsNotOnesOwn() async throws {
        let y = try await Yard.open()
        let id = try await y.unit("U-1")
        let t = try await y.make("/tickets", report(y, ["product_unit_id": .string(id)]), as: "customer")
        let path = "/tickets/\(t["number"]?.string ?? "")"
        let find = "/tickets/new?serial=u-1"
        let before = try await y.page("engineer2", "GET", find).text
        #expect(before.contains("in your projects") && !before.contains("Customer 1"))
        try await y.make(
            path + "/approval", ["category": "quality", "impact": "large", "commonness": "common"],
            expect: 200)
        try await y.make(path + "/assignment", ["engineer_id": .string(y.id("engineer2"))], expect: 200)
        let after = try await y.page("engineer2", "GET", find).text
        #expect(after.contains("Customer 1 is not among the customers"))
        #expect(!(try await y.page("engineer", "GET", find).text.contains("is not among the customers")))
        try await y.close()
    }

    @Test func aForeignUnitIsAsUnknownAsNone() async throws {
        let y = try await Yard.open()
        let id = try await y.unit()
        for unit in [id, "none"] {
            let refused = try await y.make(
                "/tickets", report(y, ["product_unit_id": .string(unit)]), as: "customer2", expect: 422)
            #expect(refused["errors"]?.array?.first?["field"] == "product_unit_id")
            #expect(refused["errors"]?.array?.first?["code"] == "ticket.unknown_reference")
        }
        let wrong = try await y.make(
            "/tickets",
            report(y, ["product_unit_id": .string(id), "organization_id": .string(y.id("org2"))]),
            as: "service_manager", expect: 422)
        #expect(wrong["errors"]?.array?.first?["field"] == "product_unit_id")
        // A foreign serial number is taken as text and tells nothing.
        let t = try await y.make("/tickets", report(y, ["serial": "GA73-2019-0012"]), as: "customer2")
        #expect(t["product_unit"] == .null)
        #expect(t["product"] == .null)
        let found = try await y.page("customer2", "GET", "/tickets/new?serial=GA73-2019-0012")
        #expect(!found.text.contains("/product-units/\(id)"))
        try await y.close()
    }

    @Test func aSerialNumberOfTwoProductsLinksNone() async throws {
        let y = try await Yard.open()
        let other = try await y.make("/products", ["code": "GA45", "name": "4.5米天线"])["id"]?.string ?? ""
        let id = try await y.unit("0012")
        let second = try await y.make(
            "/product-units",
            ["product_id": .string(other), "serial": "0012", "site_id": .string(y.id("site1"))])["id"]?.string
        let t = try await y.make("/tickets", report(y, ["serial": "0012"]), as: "customer")
        #expect(t["product_unit"] == .null)
        let page = try await y.page("customer", "GET", "/tickets/new?serial=0012").text
        for unit in [id, second ?? ""] {
            #expect(page.contains("name=\"product_unit_id\" value=\"\(unit)\""))
        }
        try await y.close()
    }

    @Test func intakeAnswers() async throws {
        let y = try await Yard.open()
        let id = try await y.unit(
            "U-1", [("batch", "B1"), ("warranty_from", "2025-01-01"), ("warranty_until", "2027-12-31")])
        let sister = try await y.unit("U-2", [("batch", "B1")])
        for unit in [id, sister] {
            try await y.make("/tickets", report(y, ["product_unit_id": .string(unit)]), as: "customer")
        }
        let found = try await y.api("customer").get("/product-units/lookup?serial=u-1").json["items"]?.array?
            .first
        #expect(found?["unit"]?["warranty"]?["in_warranty"] == true)
        #expect(found?["tickets"]?.array?.count == 1)
        #expect(found?["batch_tickets"]?.array?.count == 1)
        #expect(found?["is_watched"] == true)
        for path in ["/tickets/new?serial=u-1", "/tickets/new?serial=%EF%BC%B5-1"] {
            let page = try await y.page("customer", "GET", path).text
            #expect(page.contains("Under warranty until 2027-12-31"))
            #expect(page.contains("Open on the same batch"))
            #expect(page.contains("/product-units/\(id)"))
        }
        try await y.close()
    }

    @Test func theFirstTicketsOfAModelAreWatched() async throws {
        let y = try await Yard.open()
        let path = "/products/\(y.id("product"))"
        #expect(try await y.patch("administrator", path, ["watched_tickets": 2], match: "1").status == 200)
        let id = try await y.unit()
        var flags: [Bool] = []
        for _ in 0..<3 {
            let t = try await y.make("/tickets", report(y, ["product_unit_id": .string(id)]), as: "customer")
            flags.append(t["is_watched"] == true)
        }
        #expect(flags == [true, true, false])
        #expect(
            try await y.patch("administrator", path, ["watched_until": "2026-03-09"], match: "2").status
                == 200)
        let until = try await y.make("/tickets", report(y, ["product_unit_id": .string(id)]), as: "customer")
        #expect(until["is_watched"] == true)
        y.house.clock.advance(.days(1))
        let after = try await y.make("/tickets", report(y, ["product_unit_id": .string(id)]), as: "customer")
        #expect(after["is_watched"] == false)
        try await y.close()
    }

    @Test func aContractsServiceLevelMeasuresItsUnits() async throws {
        let y = try await Yard.open()
        try await y.house.store.write(by: .system("test")) { tx in
            let standard = try #require(try tx.levelItems(.policy, id: "house").first)
            var members = standard.content.members ?? []
            members.removeAll { ["id", "scope"].contains($0.name) }
            members += [
                .init("id", "care"), .init("scope", ["kind": "contract", "id": "SV-1"]),
            ]
            _ = try tx.addLevelItem(.policy, "care", .object(members))
        }
        let id = try await y.unit()
        try await y.make(
            "/contracts",
            [
                "number": "sv-1", "name": "Care", "customer_id": .string(y.id("org1")),
                "from_on": "2026-01-01", "until_on": "2026-12-31",
            ])
        let t = try await y.make("/tickets", report(y, ["product_unit_id": .string(id)]), as: "customer")
        #expect(t["sla"]?["policy"]?.text.contains("care") == true, "\(t["sla"]?.text ?? "")")
        try await y.close()
    }
}
