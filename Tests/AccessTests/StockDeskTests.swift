import Base
import Foundation
import Store
import TestKit
import Testing
import Web

@testable import Inventory
@testable import fettle

/// Pages of stock as somebody new to it works with them: scanning, packing, finding, what waits for whom.
@Suite struct StockDeskTests {
    typealias World = StockPagesTests.World

    // MARK: Scanning

    @Test func whatWasScannedIsAskedForItsQuantity() async throws {
        let s = try await World.open()
        let keeper = s.w.api("keeper")
        func scanned(_ more: [(String, String)]) async throws -> String {
            try await keeper.form("/stock/scan", s.issue([("do", "add")] + more)).text
        }
        let first = try await scanned([("scan", "FAN-92")])
        #expect(first.contains("name=\"lines.0.quantity\"") && first.contains("data-scanned"))
        // With the quantity said, or where there is one of it, scanning goes on.
        #expect(!(try await scanned([("scan", "FAN-92"), ("scan_quantity", "5")])).contains("data-scanned"))
        let serial = try await scanned([("scan", "LNA-0067")])
        #expect(serial.contains("value=\"LNA-0067\"") && !serial.contains("data-scanned"))
        let line = [("lines.0.part_id", s.fan), ("lines.0.quantity", "7")]
        let next = try await scanned(line)
        #expect(next.contains("value=\"7\"") && !next.contains("data-scanned"))
        for page in ["/stock", "/stock/documents/new"] {
            #expect(try await keeper.page(page).text.contains("data-camera"), "\(page)")
        }
        try await s.w.house.close()
    }

    @Test func theListIsSearchedBySerialNumber() async throws {
        let s = try await World.open()
        let page = try await s.w.api("engineer").page("/stock?q=lna-0067").text
        #expect(page.contains("LNA-X85") && !page.contains("FAN-92"))
        #expect(try await s.w.api("engineer").page("/stock?q=FAN").text.contains("FAN-92"))
        try await s.w.house.close()
    }

    @Test func aNewPartComesBackIntoItsReceipt() async throws {
        let s = try await World.open()
        let keeper = s.w.api("keeper")
        let typed = [
            ("kind", "receipt"), ("place_id", s.store), ("reason", "集装箱 7"), ("lines.0.part_id", s.fan),
            ("lines.0.quantity", "4"), ("do", "add"), ("scan", "NEW-1"),
        ]
        let refused = try await keeper.form("/stock/documents", typed)
        #expect(refused.status == 422)
        let link =
            refused.text.components(separatedBy: "href=\"").dropFirst()
            .compactMap { $0.components(separatedBy: "\"").first }
            .first { $0.hasPrefix("/stock/parts/new?") } ?? ""
        let form = try await keeper.page(link.replacingOccurrences(of: "&amp;", with: "&")).text
        #expect(form.contains("value=\"NEW-1\""), "\(link)")
        let then =
            form.components(separatedBy: "name=\"then\" value=\"").dropFirst().first?
            .components(separatedBy: "\"").first?.replacingOccurrences(of: "&amp;", with: "&") ?? ""
        let part = [("number", "NEW-1"), ("name", "新件"), ("unit", "pcs"), ("tracking", "none"), ("abc", "C")]
        let made = try await keeper.form("/stock/parts", part + [("then", then)])
        #expect(made.status == 303, "\(made.text)")
        let back = made.header("Location") ?? ""
        #expect(back.hasPrefix("/stock/documents/new?"), "\(back)")
        let draft = try await keeper.page(back).text
        for piece in ["FAN-92", "NEW-1", "value=\"4\"", "集装箱 7", "name=\"lines.1.part_id\""] {
            #expect(draft.contains(piece), "\(piece)")
        }
        // Nowhere else.
        for wrong in ["https://example.com/", "//example.com", "/stock/documents/\\evil", "/me"] {
            let number = "N-\(wrong.utf8.count)"
            let other = try await keeper.form(
                "/stock/parts", [("number", number)] + part.dropFirst() + [("then", wrong)])
            #expect(other.header("Location")?.hasPrefix("/stock/parts/") == true, "\(wrong)")
        }
        // An engineer adds no parts, and an issue is of what is there.
        let issue = try await keeper.form("/stock/scan", s.issue([("do", "add"), ("scan", "NEW-2")])).text
        #expect(!issue.contains("/stock/parts/new?"))
        try await s.w.house.close()
    }

    // MARK: Packing

    @Test func theShipmentSaysWhatIsPackedAndForWhom() async throws {
        let s = try await World.open()
        let (number, _) = try await s.w.enter(category: "quality")
        try await s.w.bringToWork(number, "P3", category: "quality")
        let keeper = s.w.api("keeper")
        let head = [
            ("kind", "shipment"), ("place_id", s.store), ("ticket_id", number), ("package_count", "2"),
            ("packages", "1/2 · 60 × 40 × 40 cm\n2/2 · 30 × 30 × 20 cm"), ("do", "draft"),
        ]
        let line = [
            ("lines.0.part_id", s.fan), ("lines.0.quantity", "3"), ("lines.0.package", "1/2"),
        ]
        let wrong = try await keeper.form(
            "/stock/documents", head + line + [("lines.0.gross_weight", "heavy")])
        #expect(wrong.status == 422 && wrong.text.contains("id=\"e-lines.0.gross_weight\""), "\(wrong.text)")
        let made = try await keeper.form(
            "/stock/documents", head + line + [("lines.0.gross_weight", "6.2")])
        #expect(made.status == 303, "\(made.text)")
        let json = try await keeper.get("/shipments/SH-26-0001").json
        #expect(json["package_count"]?.int == 2)
        #expect(json["lines"]?.array?.first?["gross_weight_g"]?.int == 6200)
        #expect(json["lines"]?.array?.first?["package"]?.string == "1/2")
        let paper = try await keeper.page("/stock/documents/SH-26-0001/paper").text
        for piece in ["Naivasha", "Grace W. Mwangi", "6.2", "1/2", "30 × 30 × 20", said("stock.f.consignee")]
        {
            #expect(paper.contains(piece), "\(piece)")
        }
        let edit = try await keeper.page("/stock/documents/SH-26-0001/edit").text
        #expect(edit.contains("value=\"6.2\"") && edit.contains("value=\"1/2\""))
        // The customer's people are not for who doesn't see the ticket.
        let other = try await s.w.api("finance").page("/stock/documents/SH-26-0001/paper").text
        #expect(!other.contains("Grace W. Mwangi"))
        try await s.w.house.close()
    }

    @Test(
        arguments: [
            ("6.2", 6200), ("0.005", 5), ("1,250", 1_250_000), ("６．５", 6500), ("12", 12_000), ("1.2345", nil),
            ("-1", nil), ("", nil), (".5", nil), ("x", nil), ("12345678", nil),
        ] as [(String, Int64?)])
    func weightsAreTypedInKilograms(_ text: String, _ grams: Int64?) {
        #expect(Weight.grams(text) == grams)
        if let grams { #expect(Weight.grams(Weight.kilograms(grams)) == grams) }
    }

    // MARK: What waits

    @Test func eachSeesWhatWaitsForThem() async throws {
        let s = try await World.open()
        let w = s.w
        func document(_ who: String, _ quantity: Int64, cost: Int64?) async throws -> String {
            var line: [JSON.Member] = [
                .init("part_id", .string(s.fan)), .init("quantity", .int(quantity)),
            ]
            if let cost { line.append(.init("unit_cost_minor", .int(cost))) }
            let body: JSON = .make([
                "place_id": .string(s.store), "lines": .array([.object(line)]), "submit": true,
                "reason": "a trial",
            ])
            let reply = try await w.api(who).post(cost == nil ? "/issues" : "/receipts", body)
            #expect(reply.status == 201 && reply.json["state"]?.string == "submitted", "\(reply.text)")
            return reply.json["number"]?.string ?? ""
        }
        let large = try await document("keeper", 1, cost: 9_000_000)
        let asked = try await document("engineer", 1, cost: nil)
        func waits(_ who: String, _ page: String) async throws -> (Bool, Bool) {
            let text = try await w.api(who).page(page).text
            return (text.contains(large), text.contains(asked))
        }
        // A keeper posts what was asked for; their own large receipt waits for somebody else.
        #expect(try await waits("keeper", "/stock/today") == (false, true))
        #expect(try await waits("service_manager", "/triage?view=stock") == (true, false))
        let keeper = try await w.api("keeper").page("/stock/documents").text
        #expect(keeper.components(separatedBy: ">\(asked)<").count == 2, "shown once")
        #expect(keeper.contains("<span class=\"count count-bad\">1</span>"))
        #expect(try await w.api("service_manager").page("/triage").text.contains("view=stock"))
        #expect(try await w.api("service_manager").post("/receipts/\(large)/approval").status == 200)
        #expect(try await waits("keeper", "/stock/today") == (true, true))
        #expect(
            try await w.api("service_manager").page("/triage?view=stock").text.contains(
                said("triage.empty.stock")))
        for who in ["keeper", "finance"] {
            #expect(try await w.api(who).page("/").header("Location") == "/stock/today")
        }
        let books = try await w.api("finance").page("/stock/today").text
        #expect(books.contains("1,234.50") && books.contains("/stock/periods/"))
        #expect(!(try await w.api("engineer").page("/stock/today").text).contains("1,234.50"))
        try await w.house.close()
    }

    @Test func theLimitIsSaidBeforeItIsMet() async throws {
        let s = try await World.open()
        let form = try await s.w.api("engineer").page("/stock/documents/new?kind=issue&part=\(s.fan)").text
        #expect(form.contains(said("stock.limit.hint", ["limit": "¥\u{A0}50,000"])))
        let draft = try await s.w.api("keeper").form(
            "/stock/documents",
            s.issue([("lines.0.part_id", s.fan), ("lines.0.quantity", "2"), ("do", "draft")]))
        let path = draft.header("Location") ?? ""
        let page = try await s.w.api("keeper").page(path).text
        #expect(
            page.contains("¥\u{A0}246.90")
                && page.contains(said("stock.limit.below", ["limit": "¥\u{A0}50,000"])))
        #expect(!(try await s.w.api("engineer").page(path).text).contains("246.90"))
        try await s.w.house.close()
    }

    // MARK: Lists

    @Test func aPartIsFoundByItsNameAndWhereItLies() async throws {
        let s = try await TicketPartsTests.World.open()
        let path = "/tickets/\(s.ticket)?do=parts"
        let found = try await s.w.api("engineer").page(path + "&find=%E6%95%A3%E7%83%AD").text
        #expect(found.contains("FAN-92") && !found.contains("LNA-X85"))
        for (place, count) in [(s.store, 10), (s.box, 2), (s.shelf, 3)] {
            #expect(found.contains("data-place=\"\(place)\""), "\(place)")
            #expect(found.contains("<strong class=\"num\">\(count)</strong>"), "\(count)")
        }
        // A press on a place fills the form.
        let chosen = try await s.w.api("engineer").page(path + "&part_id=FAN-92&place_id=\(s.shelf)").text
        #expect(chosen.contains("value=\"FAN-92\"") && chosen.contains("value=\"\(s.shelf)\" selected"))
        // A name where a number belongs is answered by what it may mean.
        let typed = try await s.w.api("engineer").form(
            "/tickets/\(s.ticket)/parts", [("part_id", "散热"), ("quantity", "1"), ("mode", "issue")])
        #expect(typed.status == 422 && typed.text.contains("data-part=\"FAN-92\""))
        #expect(try await s.use("engineer", s.body(1)).status == 201)
        let page = try await s.w.api("engineer").page("/tickets/\(s.ticket)").text
        #expect(page.contains("href=\"/stock/documents/GI-26-0001\""))
        let shown = try await s.w.api("customer").page("/tickets/\(s.ticket)").text
        #expect(shown.contains("FAN-92") && !shown.contains("GI-26-0001"))
        try await s.close()
    }

    @Test func serialNumbersOfOnePlaceAreOneRow() async throws {
        let s = try await World.open()
        try await s.w.house.store.write(by: .system("test")) { tx in
            let lines = (1...4).map { LineInput(part: PartID(s.lna), quantity: 1, serial: "LNA-010\($0)") }
            _ = try Inventory.draw(
                .receipt, DocumentInput(place: PlaceID(s.store), lines: lines, submit: true),
                InventoryNeighbours(), tx)
        }
        let page = try await s.w.api("engineer").page("/stock").text
        #expect(page.contains(said("stock.serials", ["n": "5"])))
        #expect(page.contains("LNA-0103") && page.contains("LNA-0067"))
        #expect(page.components(separatedBy: "href=\"/stock/parts/\(s.lna)\"").count == 2)
        try await s.w.house.close()
    }

    @Test func aPartPageAsksLittle() async throws {
        let recorder = Locked<RecordingEngine?>(nil)
        let s = try await Workshop.open { engine in
            let made = RecordingEngine(engine)
            recorder.withLock { $0 = made }
            return made
        }
        let engine = try #require(recorder.withLock { $0 })
        let scene = try await s.house.store.write(by: .system("test")) { try StockScene.make($0) }
        let path = "/stock/parts/\(scene["parts"] ?? "")"
        for who in ["engineer", "auditor"] {
            _ = try await s.api(who).page(path)
            _ = engine.take()
            #expect(try await s.api(who).page(path).status == 200)
            let count = engine.take().reduce(0) { $0 + $1.count }
            #expect(count <= 17, "\(who) took \(count) statements")
        }
        try await s.house.close()
    }

    @Test func historyTellsPeopleByTheirLatinNames() async throws {
        let s = try await World.open()
        let id = s.w.id("keeper")
        try await s.w.house.store.write(by: .system("test")) { tx in
            try tx.run("update account set name_latin = 'Ma Xiaoyan' where id = \(id)")
            try tx.run("update account set language = 'en' where id = \(s.w.id("auditor"))")
        }
        let made = try await s.w.api("keeper").form(
            "/stock/documents",
            s.issue([("lines.0.part_id", s.fan), ("lines.0.quantity", "1"), ("do", "draft")]))
        let path = made.header("Location") ?? ""
        #expect(try await s.w.api("keeper").page(path).text.contains("马晓燕"))
        let english = try await s.w.api("auditor").page(path).text
        #expect(english.contains("Ma Xiaoyan") && !english.contains("马晓燕"))
        try await s.w.house.close()
    }
}
