import Base
import Foundation
import Store
import TestKit
import Testing
import Web

@testable import Inventory
@testable import fettle

/// Stock joined to tickets: who takes parts, what a decision sends, what its arrival moves.
@Suite struct TicketPartsTests {
    /// Fans in the house's store (10), the engineer's box (2) and at the site (3); one amplifier in the store.
    struct World {
        let w: Workshop
        let store, box, shelf, fan, lna: String
        let ticket: String

        static func open(_ priority: String = "P3", category: String = "quality") async throws -> World {
            let w = try await Workshop.open()
            let (engineer, site) = (AccountID(w.id("engineer")), SiteID(w.id("site")))
            let ids = try await w.house.store.write(by: .system("test")) { tx -> [String] in
                var input = PartInput(number: "FAN-92", name: "散热风扇")
                input.priceMinor = .set(12_345)
                let fan = try Inventory.add(input, tx)
                let lna = try Inventory.add(
                    PartInput(number: "LNA-X85", name: "低噪放", tracking: .serial), tx)
                let store = try Inventory.add(PlaceInput(.store, name: "南京备件库"), tx)
                var own = PlaceInput(.box, name: "周雨桐工具箱")
                own.keeper = .set(engineer)
                let box = try Inventory.add(own, tx)
                var near = PlaceInput(.siteStore, name: "奈瓦沙现场柜")
                near.site = .set(site)
                let shelf = try Inventory.add(near, tx)
                for (place, quantity) in [(store, 10), (box, 2), (shelf, 3)] as [(StockPlace, Int64)] {
                    var lines = [LineInput(part: fan.id, quantity: quantity)]
                    lines[0].unitCostMinor = 12_345
                    if place.id == store.id {
                        lines.append(LineInput(part: lna.id, quantity: 1, serial: "LNA-0067"))
                    }
                    _ = try Inventory.draw(
                        .receipt, DocumentInput(place: place.id, lines: lines, submit: true),
                        InventoryNeighbours(), tx)
                }
                return [store.id.text, box.id.text, shelf.id.text, fan.id.text, lna.id.text]
            }
            let (number, _) = try await w.enter(category: category)
            try await w.bringToWork(number, priority, category: category)
            return World(
                w: w, store: ids[0], box: ids[1], shelf: ids[2], fan: ids[3], lna: ids[4], ticket: number)
        }

        func body(_ quantity: Int64, _ mode: String = "issue") -> JSON {
            ["part_id": .string(fan), "quantity": .int(quantity), "mode": .string(mode)]
        }

        func use(_ who: String, _ body: JSON) async throws -> HTTPClient.Response {
            try await w.api(who).post("/tickets/\(ticket)/parts", body)
        }

        func lines(_ who: String) async throws -> [JSON] {
            try await w.api(who).get("/tickets/\(ticket)/parts").json["items"]?.array ?? []
        }

        func facts(_ who: String) async throws -> String {
            try await w.api(who).get("/tickets/\(ticket)/timeline?limit=200").text
        }

        func close() async throws {
            let faults = try await w.house.store.read(by: .system("test")) { try Inventory.verify($0).faults }
            #expect(faults == [])
            #expect(try await w.history() == [])
            try await w.house.close()
        }
    }

    @Test func aPartComesFromTheNearestPlaceThatHasEnough() async throws {
        let s = try await World.open()
        let own = try await s.use("engineer", s.body(1))
        #expect(own.status == 201, "\(own.text)")
        #expect(own.json["stage"]?.string == "issued" && own.json["place_id"]?.string == s.box)
        // One is left in the box: three lie at the site, and whoever answers for it hands them out.
        let asked = try await s.use("engineer", s.body(3))
        #expect(asked.json["stage"]?.string == "asked" && asked.json["place_id"]?.string == s.shelf)
        let site = try await s.use("site_lead", s.body(3))
        #expect(site.json["stage"]?.string == "issued" && site.json["place_id"]?.string == s.shelf)
        let far = try await s.use("engineer", s.body(4, "reserve"))
        #expect(far.json["stage"]?.string == "reserved" && far.json["place_id"]?.string == s.store)
        // What is kept for a ticket is the ticket's own.
        let kept = try await s.use("keeper", s.body(10))
        #expect(kept.json["stage"]?.string == "issued" && kept.json["place_id"]?.string == s.store)
        for mode in ["issue", "reserve"] {
            let much = try await s.use("engineer", s.body(11, mode))
            #expect(much.status == 409 && much.code == "stock.insufficient", "\(mode): \(much.text)")
        }
        let named = try await s.use(
            "engineer", s.body(2).with("place_id", .string(s.box)))
        #expect(named.status == 409 && named.code == "stock.insufficient", "one is there: \(named.text)")
        let none = try await s.use("engineer", s.body(1).with("part_id", "NO-SUCH"))
        #expect(none.status == 422 && none.text.contains("part_id"))
        let serial = try await s.use(
            "keeper", ["part_id": "lna-x85", "quantity": 1, "mode": "issue"])
        #expect(serial.status == 422 && serial.text.contains("\"serial\""), "\(serial.text)")
        let scanned = try await s.use(
            "keeper", ["part_id": "LNA-X85|LNA-0067", "quantity": 1, "mode": "issue"])
        #expect(scanned.status == 201 && scanned.json["serial"]?.string == "LNA-0067", "\(scanned.text)")
        #expect(try await s.facts("engineer").contains("ticket.part_used"))
        #expect(try await s.facts("engineer").contains("ticket.part_reserved"))
        #expect(!(try await s.facts("customer").contains("ticket.part_")))
        try await s.close()
    }

    @Test func whoMayTakeParts() async throws {
        let s = try await World.open()
        let table = [
            (201, ["engineer", "technical_lead", "site_lead", "keeper"]),
            (
                403,
                [
                    "engineer2", "service_manager", "management", "quality", "auditor", "customer", "finance",
                ]
            ), (404, ["customer2", "supplier", "trainer", "administrator", "leaver"]),
        ]
        for (status, people) in table {
            for who in people {
                for mode in ["reserve", "issue"] {
                    let reply = try await s.use(who, s.body(1, mode))
                    #expect(reply.status == status, "\(who) \(mode): \(reply.status) \(reply.text)")
                }
            }
        }
        #expect(try await s.use("engineer", ["quantity": 0]).status == 422)
        try await s.close()
    }

    @Test func eachSeesTheirShareOfIt() async throws {
        let s = try await World.open()
        _ = try await s.use("engineer", s.body(1))
        _ = try await s.use("engineer", s.body(1, "reserve"))
        for (who, count, cost) in [
            ("keeper", 2, true), ("service_manager", 2, true), ("finance", 2, true), ("engineer", 2, false),
            ("technical_lead", 2, false), ("customer", 1, false),
        ] {
            let lines = try await s.lines(who)
            #expect(lines.count == count, "\(who): \(lines)")
            #expect((lines.first?["cost_minor"]?.int == 12_345) == cost, "\(who)")
        }
        let released = try #require(try await s.lines("customer").first)
        #expect(released["part_number"]?.string == "FAN-92" && released["stage"]?.string == "issued")
        for field in ["place_id", "place", "cost_minor", "condition"] {
            #expect(released[field]?.string == nil && released[field]?.int == nil, "\(field)")
        }
        #expect(try await s.w.api("customer2").get("/tickets/\(s.ticket)/parts").status == 404)
        #expect(try await s.w.api("trainer").get("/tickets/\(s.ticket)/parts").status == 404)
        try await s.close()
    }

    /// What is refused for want of stock leaves no trace: not in the ticket, its history, the stock, a number.
    @Test func aRefusedUseChangesNothing() async throws {
        let s = try await World.open()
        func state() async throws -> [String] {
            let keeper = s.w.api("keeper")
            return [
                try await s.w.api("engineer").get("/tickets/\(s.ticket)").text, try await s.facts("auditor"),
                try await keeper.get("/balances?part=FAN-92").text, try await keeper.get("/issues").text,
                try await keeper.get("/reservations").text,
            ]
        }
        let before = try await state()
        for who in ["engineer", "keeper"] {
            for mode in ["issue", "reserve"] {
                for place in [nil, s.box, s.store] {
                    let asked = s.body(11, mode).with("place_id", place.map { .string($0) } ?? .null)
                    let refused = try await s.use(who, asked)
                    #expect(
                        refused.status == 409 && refused.code == "stock.insufficient",
                        "\(who) \(mode) \(place ?? "anywhere"): \(refused.text)")
                    #expect(refused.json["errors"] == nil, "nothing supersedes it")
                }
            }
        }
        #expect(try await state() == before)
        let next = try await s.use("engineer", s.body(1))
        #expect(next.json["number"]?.string == "GI-26-0001")
        try await s.close()
    }

    @Test func thePartThatSupersedesAnotherIsNamedWhereThatIsOut() async throws {
        let s = try await World.open()
        let old = try await s.w.api("keeper").post(
            "/parts", ["number": "FAN-80", "name": "旧风扇", "unit": "pcs", "superseded_by": .string(s.fan)])
        #expect(old.status == 201, "\(old.text)")
        for mode in ["issue", "reserve"] {
            let refused = try await s.use(
                "engineer", ["part_id": "FAN-80", "quantity": 1, "mode": .string(mode)])
            #expect(refused.status == 409 && refused.code == "stock.insufficient", "\(refused.text)")
            let named = refused.json["errors"]?.array?.first
            #expect(named?["field"]?.string == "part_id" && named?["code"]?.string == "stock.superseded")
            #expect(named?["detail"]?.string?.contains("FAN-92") == true, "\(refused.text)")
            #expect(named?["detail"]?.string?.contains("15") == true, "\(refused.text)")
        }
        let form = try await s.w.api("engineer").form(
            "/tickets/\(s.ticket)/parts", [("part_id", "FAN-80"), ("quantity", "2"), ("mode", "issue")])
        #expect(form.status == 409 && form.text.contains("id=\"e-part_id\""))
        let query = "?do=parts&amp;part_id=FAN-92&amp;quantity=2#do"
        #expect(form.text.contains("href=\"/tickets/\(s.ticket)\(query)\""))
        let next = try await s.w.api("engineer").page(
            "/tickets/\(s.ticket)?do=parts&part_id=FAN-92&quantity=2"
        ).text
        #expect(next.contains("value=\"FAN-92\"") && next.contains("value=\"2\""))
        try await s.close()
    }

    /// A customer is told of what left the house for them: not of what is asked for, kept, lent or moved
    /// inside, came back or was reversed.
    @Test func aCustomerSeesWhatWasReleased() async throws {
        let s = try await World.open()
        let keeper = s.w.api("keeper")
        _ = try await s.use("engineer", s.body(1, "reserve"))
        _ = try await s.use("engineer", s.body(3))
        let lines: JSON = [["part_id": .string(s.fan), "quantity": 1]]
        for (path, more) in [
            ("transfers", [("to_place_id", .string(s.box))]), ("loans", [("due_on", "2026-12-01")]),
            ("returns", []), ("shipments", []), ("shipments", [("to_place_id", .string(s.shelf))]),
        ] as [(String, [(String, JSON)])] {
            var body: JSON = [
                "place_id": .string(s.store), "ticket_id": .string(s.ticket), "lines": lines, "submit": true,
            ]
            for (name, value) in more { body = body.with(name, value) }
            let made = try await keeper.post("/" + path, body)
            #expect(made.status == 201, "\(path): \(made.text)")
        }
        let inside = try await s.lines("service_manager").map { $0["stage"]?.string ?? "" }
        #expect(
            inside.sorted() == [
                "asked", "lent", "reserved", "returned", "under_way", "under_way", "under_way",
            ])
        #expect(try await s.lines("customer").compactMap { $0["kind"]?.string } == ["shipment"])
        let issued = try await s.use("keeper", s.body(1))
        #expect(try await s.lines("customer").count == 2)
        // The timelines say it too: once each, and to the customer without numbers of the house's papers.
        let told = try await s.w.api("customer").page("/tickets/\(s.ticket)").text
        let known = try await s.w.api("engineer").page("/tickets/\(s.ticket)").text
        for (sentence, customer, engineer) in [
            ("已发放备件：散热风扇 × 1", 1, 0), ("已发运备件：散热风扇 × 1", 1, 0),
            ("已退回：FAN-92 × 1（RM-26-0001）", 0, 1), ("已调拨：FAN-92 × 1（", 0, 1),
            ("已借出：FAN-92 × 1（", 0, 1), ("已发运：FAN-92 × 1（", 0, 2), ("已发放：FAN-92", 0, 0),
            ("领用 FAN-92 × 1（\(issued.json["number"]?.string ?? "–")）", 0, 1),
        ] {
            #expect(told.components(separatedBy: sentence).count - 1 == customer, "\(sentence)")
            #expect(known.components(separatedBy: sentence).count - 1 == engineer, "\(sentence)")
        }
        let reversed = try await keeper.post(
            "/issues/\(issued.json["id"]?.string ?? "")/reversal", ["reason": "Wrong ticket"])
        #expect(reversed.status < 300, "\(reversed.text)")
        #expect(try await s.lines("customer").count == 1)
        try await s.close()
    }

    @Test func aReservationIsReleased() async throws {
        let s = try await World.open()
        let made = try await s.use("engineer", s.body(2, "reserve"))
        let id = made.json["id"]?.string ?? ""
        let (other, _) = try await s.w.enter(title: "Another")
        try await s.w.bringToWork(other)
        #expect(
            try await s.w.api("engineer").post("/tickets/\(other)/parts/\(id)/release").status == 404)
        #expect(
            try await s.w.api("engineer2").post("/tickets/\(s.ticket)/parts/\(id)/release").status == 403)
        let gone = try await s.w.api("engineer").post("/tickets/\(s.ticket)/parts/\(id)/release")
        #expect(gone.status == 200 && gone.json["items"]?.array?.isEmpty == true, "\(gone.text)")
        let again = try await s.w.api("engineer").post("/tickets/\(s.ticket)/parts/\(id)/release")
        #expect(again.status == 409 && again.code == "stock.reservation_ended")
        #expect(try await s.facts("engineer").contains("ticket.part_released"))
        try await s.close()
    }

    @Test func theArchiveWaitsForItsStock() async throws {
        let s = try await World.open()
        let kept = try await s.use("engineer", s.body(1, "reserve"))
        try await s.w.bringToEvaluation(s.ticket)
        try await s.w.bringToCompletion(s.ticket)
        let summary: JSON = ["summary": "Aged capacitors."]
        let early = try await s.w.api("quality").post("/tickets/\(s.ticket)/archive", summary)
        #expect(early.status == 409 && early.code == "ticket.stock_unsettled", "\(early.text)")
        let allowed = try await s.w.ticket("quality", s.ticket)["allowed"]?.array ?? []
        #expect(!allowed.contains("archive"))
        let late = try await s.use("engineer", s.body(1))
        #expect(late.status == 409 && late.code == "ticket.state")
        let id = kept.json["id"]?.string ?? ""
        let released = try await s.w.api("engineer").post("/tickets/\(s.ticket)/parts/\(id)/release")
        #expect(released.status == 200)
        try await s.w.take("quality", s.ticket, "archive", summary)
        // Nor by a document of its own that names the ticket.
        for (path, more) in [
            ("/issues", ["lines": [["part_id": .string(s.fan), "quantity": 1]], "submit": true] as JSON),
            ("/loans", ["lines": [["part_id": .string(s.fan), "quantity": 1]], "submit": true]),
            ("/reservations", ["part_id": .string(s.fan), "quantity": 1, "priority": "P3"]),
        ] {
            guard case .object(let members) = more else { continue }
            let body = JSON.object(
                members + [
                    .init("place_id", .string(s.store)), .init("ticket_id", .string(s.ticket)),
                    .init("reason", "late"),
                ])
            let refused = try await s.w.api("engineer").post(path, body)
            #expect(refused.status == 409 && refused.code == "ticket.state", "\(path): \(refused.text)")
        }
        try await s.close()
    }

    @Test func aCancelledTicketKeepsNothing() async throws {
        let s = try await World.open()
        _ = try await s.use("engineer", s.body(2, "reserve"))
        try await s.w.take("service_manager", s.ticket, "cancellation", ["reason": "Entered twice."])
        let rows = try await s.w.api("keeper").get("/balances?part=FAN-92").json["items"]?.array ?? []
        #expect(!rows.isEmpty && rows.allSatisfy { $0["reserved"]?.int == 0 })
        try await s.close()
    }

    /// Management sends a part with its decision; the ticket waits for it and goes on when it is there.
    @Test func aDecisionSendsAPartAndItsArrivalMovesTheTicketOn() async throws {
        let s = try await World.open("P2")
        let w = s.w
        try await w.take("technical_lead", s.ticket, "cause", ["statement": "Aged capacitor"])
        try await w.take("engineer", s.ticket, "responses", ["body": "We are on it."], expect: 201)
        try await w.take("engineer", s.ticket, "solution", ["statement": "Send a fan."])
        func decision(_ outcome: String, _ part: String) -> JSON {
            [
                "outcome": .string(outcome), "statement": "Send it.",
                "shipment": [
                    "place_id": .string(s.store), "carrier": "DHL",
                    "lines": [["part_id": .string(part), "quantity": 2]],
                ],
            ]
        }
        let returned = try await w.api("management").post(
            "/tickets/\(s.ticket)/decision", decision("returned", s.fan))
        #expect(returned.status == 422 && returned.text.contains("ticket.shipment_returned"))
        let unknown = try await w.api("management").post(
            "/tickets/\(s.ticket)/decision", decision("approved", "NO-SUCH"))
        #expect(unknown.status == 422 && unknown.text.contains("shipment.lines.0.part_id"), "\(unknown.text)")
        // The store has no hundred of them; where some are is said.
        let much = decision("approved", s.fan).with(
            "shipment",
            [
                "place_id": .string(s.store), "lines": [["part_id": .string(s.fan), "quantity": 100]],
            ])
        let short = try await w.api("management").post("/tickets/\(s.ticket)/decision", much)
        #expect(short.status == 409 && short.code == "stock.insufficient", "\(short.text)")
        #expect(short.text.contains("shipment.lines.0.part_id") && short.text.contains("南京备件库 10"))
        let decided = try await w.take("management", s.ticket, "decision", decision("approved", s.fan))
        #expect(decided["state"]?.string == "implementing")
        let sent = try #require(
            try await w.api("keeper").get("/shipments").json["items"]?.array?.first)
        #expect(sent["state"]?.string == "submitted" && sent["ticket_number"]?.string == s.ticket)
        #expect(sent["carrier"]?.string == "DHL" && sent["created_by"]?.string == w.id("management"))
        let report: JSON = ["report": "Fan replaced.", "nature": "technical"]
        let early = try await w.api("engineer").post("/tickets/\(s.ticket)/completion", report)
        #expect(early.status == 409 && early.code == "ticket.tasks_open")
        let path = "/shipments/\(sent["id"]?.string ?? "")"
        #expect(try await w.api("management").post(path + "/posting").status == 403)
        #expect(try await w.api("keeper").post(path + "/posting").status == 200)
        #expect(try await s.lines("engineer").map { $0["stage"]?.string } == ["under_way"])
        #expect(try await s.lines("customer").map { $0["stage"]?.string } == ["under_way"])
        let form = try await w.page("engineer", "GET", "/tickets/\(s.ticket)/form").text
        #expect(form.contains(sent["number"]?.string ?? "–"))
        let part: JSON = ["lines": [["line": 1, "received": 1]]]
        #expect(try await w.api("keeper").post(path + "/receipt", part).status == 200)
        try await w.run { while try await $0.deliver(Areas.handlers) > 0 {} }
        #expect(!(try await s.facts("engineer").contains("ticket.parts_arrived")), "half of it is no arrival")
        #expect(try await w.api("keeper").post(path + "/receipt", part).status == 200)
        try await w.run { while try await $0.deliver(Areas.handlers) > 0 {} }
        #expect(try await s.facts("engineer").contains("ticket.parts_arrived"))
        #expect(!(try await s.facts("customer").contains("ticket.parts_arrived")))
        let notices = try await w.api("engineer").get("/notifications").json["items"]?.array ?? []
        #expect(notices.contains { $0["kind"]?.string == "ticket.parts_arrived" })
        #expect(try await w.ticket("engineer", s.ticket)["turn"]?.string == "engineer")
        try await w.take("engineer", s.ticket, "completion", report)
        try await s.close()
    }

    /// What was lost on the way has not arrived: the task stays, and its people are told.
    @Test func aLostShipmentLeavesTheTaskOpen() async throws {
        let s = try await World.open("P3", category: "project")
        let w = s.w
        try await w.take("engineer", s.ticket, "responses", ["body": "We are on it."], expect: 201)
        let plan: JSON = [
            "milestones": [["title": "Factory test", "due_at": "2026-04-01T08:00:00Z"]],
            "resources": "Two engineers",
        ]
        try await w.take("engineer", s.ticket, "solution", ["statement": "Send a fan.", "plan": plan])
        try await w.take(
            "management", s.ticket, "decision",
            [
                "outcome": "approved", "statement": "Send it.",
                "shipment": [
                    "place_id": .string(s.store), "lines": [["part_id": "fan-92", "quantity": 1]],
                ],
            ])
        let sent = try #require(try await w.api("keeper").get("/shipments").json["items"]?.array?.first)
        let path = "/shipments/\(sent["id"]?.string ?? "")"
        #expect(try await w.api("keeper").post(path + "/posting").status == 200)
        let lost: JSON = ["lines": [["line": 1, "received": 0, "written_off": 1]], "reason": "Lost"]
        #expect(try await w.api("keeper").post(path + "/receipt", lost).status == 200)
        try await w.run { while try await $0.deliver(Areas.handlers) > 0 {} }
        #expect(try await s.facts("engineer").contains("ticket.parts_lost"))
        let early = try await w.api("engineer").post(
            "/tickets/\(s.ticket)/completion", ["report": "Done", "nature": "technical"])
        #expect(early.status == 409 && early.code == "ticket.tasks_open")
        try await s.close()
    }

    @Test func thePageTakesPartsAndShowsThem() async throws {
        let s = try await World.open()
        let path = "/tickets/\(s.ticket)"
        let shown = try await s.w.api("engineer").page(path + "?do=parts").text
        #expect(shown.contains("action=\"\(path)/parts\"") && shown.contains("name=\"part_id\""))
        #expect(shown.contains("周雨桐工具箱"))
        for who in ["auditor", "service_manager", "engineer2", "customer"] {
            let page = try await s.w.api(who).page(path + "?do=parts").text
            #expect(!page.contains("action=\"\(path)/parts\""), "\(who)")
        }
        let fields = [("part_id", "ｆａｎ-92"), ("quantity", "1"), ("place_id", ""), ("mode", "issue")]
        let done = try await s.w.api("engineer").form(path + "/parts", fields)
        #expect(done.status == 303 && done.header("Location") == path + "?done=part_used", "\(done.text)")
        let much = try await s.w.api("engineer").form(
            path + "/parts", [("part_id", "FAN-92"), ("quantity", "99"), ("mode", "issue")])
        #expect(much.status == 409 && much.text.contains("value=\"99\""), "what was typed stays")
        _ = try await s.use("engineer", s.body(1, "reserve"))
        let inside = try await s.w.api("engineer").page(path).text
        #expect(inside.contains("FAN-92") && inside.contains("/release\""))
        let outside = try await s.w.api("customer").page(path).text
        #expect(outside.contains("FAN-92"))
        for hidden in ["周雨桐工具箱", "南京备件库", "/release\"", "GI-26-0001", "RS-26-0001"] {
            #expect(!outside.contains(hidden), "\(hidden)")
        }
        let priced = try await s.w.api("service_manager").page(path).text
        #expect(priced.contains("123.45"))
        #expect(!inside.contains("123.45") && !outside.contains("123.45"))
        try await s.close()
    }
}
