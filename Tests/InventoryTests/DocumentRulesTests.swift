import Base
import People
import Store
import TestKit
import Testing
import Web

@testable import Inventory

/// What a document must say before it is posted.
@Suite struct DocumentRulesTests {
    private func without(_ names: String..., in body: JSON) -> JSON {
        guard case .object(let members) = body else { return body }
        return .object(members.filter { !names.contains($0.name) })
    }

    /// Whatever a maker prints on a batch, quality may let it be used longer.
    @Test(arguments: ["A/1", "..", "B 7", "50%", "Ａ－９", "a+b", "C?x=1#y"])
    func aBatchHasAnyName(name: String) async throws {
        let s = try await Storehouse.open()
        let old: [(String, JSON)] = [("batch", .string(name)), ("expires_on", "2026-03-08")]
        try await s.post("keeper", "/receipts", s.one("grease", 4, old), expect: 201)
        let body: JSON = ["batch": .string(" \(name) "), "until": "2026-03-31", "reason": "tested"]
        let path = "/parts/\(s.id("grease"))/concessions"
        try await s.post("keeper", path, body, expect: 403)
        try await s.post("quality", path, body, expect: 200)
        try await s.post(
            "quality", path, ["batch": "no such", "until": "2026-03-31", "reason": "x"], expect: 422)
        try await s.post("keeper", "/issues", s.one("grease", 1), expect: 201)
        try await s.house.close()
    }

    @Test func spacesInABatchAreOne() async throws {
        let s = try await Storehouse.open()
        for name in ["B  7", "b\u{3000}7", "B 7"] {
            try await s.post(
                "keeper", "/receipts", s.one("grease", 1, [("batch", .string(name))]), expect: 201)
        }
        let rows =
            try await s.api("keeper").get("/balances?part=\(s.id("grease"))").json["items"]?.array ?? []
        #expect(rows.map { $0["batch"]?.string } == ["B 7"] && rows.first?["on_hand"]?.int == 3)
        try await s.house.close()
    }

    /// A batch expires on one day, whatever brings more of it; unsaid, it is the known one.
    @Test func aBatchExpiresOnce() async throws {
        let s = try await Storehouse.open()
        let known: [(String, JSON)] = [("batch", "G1"), ("expires_on", "2027-01-31")]
        let other: [(String, JSON)] = [("batch", "G1"), ("expires_on", "2028-01-31"), ("direction", "in")]
        try await s.post("keeper", "/receipts", s.one("grease", 4, known), expect: 201)
        for kind in ["receipts", "returns", "adjustments"] {
            try await s.post(
                "keeper", "/\(kind)", s.one("grease", 1, other), expect: 409, code: "stock.batch_expiry")
            let unsaid = s.one("grease", 1, [("batch", "G1"), ("direction", "in")])
            let made = try await s.post("keeper", "/\(kind)", unsaid, expect: 201)
            #expect(made["lines"]?.array?.first?["expires_on"]?.string == "2027-01-31", "\(kind)")
        }
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// Not in the future, and not before the year before this one.
    @Test func anAccountingDayIsNear() async throws {
        let s = try await Storehouse.open()
        for (day, code) in [
            ("1969-12-31", "stock.too_early"), ("1970-01-01", "stock.too_early"),
            ("2024-12-31", "stock.too_early"), ("2025-01-01", nil), ("2026-03-01", nil),
            ("2027-01-01", "stock.future"),
        ] {
            guard case .object(let members) = s.one("fan", 1) else { return }
            let body = JSON.object(members + [.init("posted_on", .string(day))])
            try await s.post("keeper", "/receipts", body, expect: code == nil ? 201 : 422, code: code)
        }
        try await s.house.close()
    }

    /// An issue is for somebody or for a reason, a shipment goes somewhere; a draft may leave it open.
    @Test func nothingGoesToNobody() async throws {
        let s = try await Storehouse.open()
        try await s.post("keeper", "/receipts", s.one("fan", 9, at: "box"), expect: 201)
        try await s.post("keeper", "/receipts", s.one("fan", 9), expect: 201)
        let own = without("reason", in: s.one("fan", 1, at: "box"))
        try await s.post("engineer", "/issues", own, expect: 422, code: "stock.for_whom")
        let draft = try await s.post("engineer", "/issues", without("submit", in: own), expect: 201)
        let step = "/issues/\(draft["id"]?.string ?? "")/submission"
        try await s.post("engineer", step, expect: 422, code: "stock.for_whom")
        try await s.post("engineer", "/issues", s.one("fan", 1, at: "box"), expect: 201)
        // A keeper's program may know it better.
        try await s.post("keeper", "/issues", without("reason", in: s.one("fan", 1)), expect: 201)
        try await s.post("keeper", "/shipments", s.one("fan", 1), expect: 422, code: "stock.where_to")
        try await s.post("keeper", "/shipments", s.one("fan", 1, to: "depot"), expect: 201)
        #expect(try await s.faults() == [])
        try await s.house.close()
    }

    /// What replaced a faulty part has left the store at some time.
    @Test func aReplacementWasSent() async throws {
        let s = try await Storehouse.open()
        for serial in ["L-1", "L-2"] {
            try await s.post(
                "keeper", "/receipts", s.one("lna", 1, [("serial", .string(serial))]), expect: 201)
        }
        try await s.post("keeper", "/issues", s.one("lna", 1, [("serial", "L-1")]), expect: 201)
        func back(_ replacement: String) -> JSON {
            s.one(
                "lna", 1,
                [("serial", .string("F-" + replacement)), ("replacement_serial", .string(replacement))])
        }
        for never in ["L-2", "L-9"] {
            try await s.post("keeper", "/returns", back(never), expect: 422, code: "stock.never_left")
        }
        try await s.post("keeper", "/returns", back("L-1"), expect: 201)
        try await s.house.close()
    }

    /// Without a place: the site's own, else its country's, else where there is most.
    @Test func theNearestPlaceThatHasIt() async throws {
        let depot = try await Depot.open()
        try await depot.write { tx in
            let customer = try People.add(NewOrganization(.customer, name: "Rift"), tx)
            let project = try People.add(
                NewProject(code: "PRJ-RIFT", name: "Rift", customer: customer.id), tx)
            func site(_ name: String, _ country: String, _ zone: String) throws -> Site {
                var new = NewSite(name: name, zone: zone)
                new.country = country
                return try People.add(new, to: project, tx)
            }
            let kesira = try site("Kesira", "KE", "Africa/Nairobi")
            let olmoti = try site("Olmoti", "KE", "Africa/Nairobi")
            let alto = try site("El Alto", "BO", "America/La_Paz")
            let part = try Inventory.add(PartInput(number: "P-1", name: "Fan"), tx)
            func place(_ kind: StockPlace.Kind, _ name: String, _ site: Site?, _ quantity: Int64) throws
                -> StockPlace
            {
                var input = PlaceInput(kind, name: name)
                input.site = .set(site?.id)
                let made = try Inventory.add(input, tx)
                try Inventory.posted(.receipt, made, [LineInput(part, quantity)], tx)
                return made
            }
            let central = try place(.store, "Chengdu", nil, 100)
            let nairobi = try place(.depot, "Nairobi", olmoti, 5)
            let cabinet = try place(.siteStore, "Kesira", kesira, 2)
            let ticket = TicketReference(id: TicketID("a"), number: "FT-26-0001")
            for (quantity, site, wanted) in [
                (2, kesira, cabinet), (3, kesira, nairobi), (1, olmoti, nairobi), (9, kesira, central),
                (1, alto, central),
            ] as [(Int64, Site, StockPlace)] {
                let issue = try Inventory.use(
                    part: part.id, quantity: quantity, mode: .issue, ticket: ticket, site: site.id, tx
                ).issue
                #expect(issue?.place == wanted.id, "\(quantity) for \(site.name)")
            }
        }
        await depot.close()
    }
}
