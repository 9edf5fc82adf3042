import Base
import Foundation

/// The requests of the workloads: random tickets, several signed-in people, and what must be in the
/// answers.
struct Workloads: Sendable {
    private let world: BenchWorld
    private let cookies: [String]
    private let numbers: [String]
    /// Tickets that can be answered, and who may.
    private let answerable: [(number: String, token: String)]
    private let tokens: [String]

    init(_ world: BenchWorld, cookies: [String]) throws {
        self.world = world
        self.cookies = cookies
        numbers = world.numbers
        answerable = world.answerable.compactMap { a in world.tokens[a.engineer].map { (a.number, $0) } }
        tokens =
            (1...4).compactMap { world.tokens["manager\($0)"] }
            + (1...4).compactMap { world.tokens["engineer\($0)"] }
        guard !numbers.isEmpty, !answerable.isEmpty else {
            throw RawSQLite.Wrong(description: "an empty world")
        }
    }

    private func pick<T>(_ list: [T], _ random: inout SeededRandom) -> T {
        list[Int.random(in: 0..<list.count, using: &random)]
    }

    private func asPerson(_ random: inout SeededRandom) -> [(String, String)] {
        [("Cookie", pick(cookies, &random))]
    }
    private func asProgram(_ random: inout SeededRandom) -> [(String, String)] {
        [("Authorization", "Bearer " + pick(tokens, &random)), ("Accept-Language", "en")]
    }

    private static let words = ["AZ-217", "编码器", "drive", "电容", "elevation", "过流 告警", "rust", "增益"]
    private static let filters = [
        "", "&priority=P1", "&priority=P2", "&category=quality", "&category=request",
    ]

    /// Everything that only reads, by its name in the table, as a path.
    var reads: [(String, @Sendable (inout SeededRandom) -> String)] {
        [
            ("W2 ticket page", { r in "/tickets/" + self.pick(self.numbers, &r) }),
            ("W2 ticket by API", { r in "/api/v1/tickets/" + self.pick(self.numbers, &r) }),
            ("W3 50 open, page", { r in self.listPath(&r) }),
            ("W3 50 open, API", { r in "/api/v1" + self.listPath(&r) }),
            ("W4 search", { r in self.searchPath(&r) }),
            ("W7 page of a part", { _ in self.partPath }),
            ("W7 balances by API", { _ in self.balancesPath }),
            ("W7 movements by API", { _ in self.movementsPath }),
            ("W8 50 rows of stock, page", { r in self.stockPagePath(&r) }),
            ("W8 50 rows of stock, API", { r in self.stockPath(&r) }),
        ]
    }

    private func listPath(_ r: inout SeededRandom) -> String {
        "/tickets?open=1&limit=50" + pick(Workloads.filters, &r)
    }
    private func searchPath(_ r: inout SeededRandom) -> String {
        "/api/v1/search?limit=50&q=" + FormBody.encode(pick(Workloads.words, &r))
    }

    private var balancesPath: String { "/api/v1/balances?part=" + BenchStock.part(0) }
    private var movementsPath: String { "/api/v1/movements?limit=50&part=" + BenchStock.part(0) }
    private var partPath: String { "/stock/parts/" + BenchStock.part(0) }
    private func stockPagePath(_ r: inout SeededRandom) -> String {
        "/stock?place=" + world.stock.place + pick(["", "&status=usable"], &r)
    }
    private func stockPath(_ r: inout SeededRandom) -> String {
        "/api/v1/balances?limit=50&place=" + world.stock.place + pick(["", "&status=usable"], &r)
    }

    private func asKeeper(_ r: inout SeededRandom) -> [(String, String)] {
        [
            ("Authorization", "Bearer " + pick(world.stock.keepers, &r)), ("Accept-Language", "en"),
            ("Content-Type", "application/json"),
        ]
    }

    /// An issue of one line, drawn up and posted.
    @Sendable func issue(_ r: inout SeededRandom) -> Request {
        let part = BenchStock.part(Int.random(in: 1..<BenchStock.parts, using: &r))
        let body: JSON = .make([
            "place_id": .string(world.stock.place), "submit": true,
            "lines": [.make(["part_id": .string(part), "quantity": 1])],
        ])
        return Request("POST", "/api/v1/issues", headers: asKeeper(&r), body: body.bytes) {
            $0.status == 201 && $0.holds("\"state\":\"posted\"")
        }
    }

    @Sendable func balances(_ r: inout SeededRandom) -> Request {
        Request("GET", balancesPath, headers: asProgram(&r)) {
            $0.status == 200 && $0.holds("\"on_hand\":1000000")
        }
    }

    @Sendable func part(_ r: inout SeededRandom) -> Request {
        Request("GET", partPath, headers: asPerson(&r)) { $0.status == 200 && $0.holds("BENCH-0") }
    }

    @Sendable func stockPage(_ r: inout SeededRandom) -> Request {
        Request("GET", stockPagePath(&r), headers: asPerson(&r)) { $0.status == 200 && $0.holds("BENCH-10") }
    }

    @Sendable func movements(_ r: inout SeededRandom) -> Request { rows(movementsPath, &r) }
    @Sendable func stock(_ r: inout SeededRandom) -> Request { rows(stockPath(&r), &r) }

    private func rows(_ path: String, _ r: inout SeededRandom) -> Request {
        Request("GET", path, headers: asProgram(&r)) { answer in
            guard answer.status == 200, let json = try? JSON.parse(answer.body) else { return false }
            return json["items"]?.array?.count == 50
        }
    }

    @Sendable func ticketPage(_ r: inout SeededRandom) -> Request {
        let number = pick(numbers, &r)
        return Request("GET", "/tickets/" + number, headers: asPerson(&r)) {
            $0.status == 200 && $0.holds(number)
        }
    }

    @Sendable func ticket(_ r: inout SeededRandom) -> Request {
        let number = pick(numbers, &r)
        return Request("GET", "/api/v1/tickets/" + number, headers: asProgram(&r)) {
            $0.status == 200 && $0.holds("\"number\":\"\(number)\"")
        }
    }

    @Sendable func listPage(_ r: inout SeededRandom) -> Request {
        Request("GET", listPath(&r), headers: asPerson(&r)) { $0.status == 200 && $0.holds("FT-2") }
    }

    @Sendable func list(_ r: inout SeededRandom) -> Request {
        Request("GET", "/api/v1" + listPath(&r), headers: asProgram(&r)) { answer in
            guard answer.status == 200, let json = try? JSON.parse(answer.body) else { return false }
            return json["items"]?.array?.count == 50
        }
    }

    @Sendable func search(_ r: inout SeededRandom) -> Request {
        Request("GET", searchPath(&r), headers: asProgram(&r)) { answer in
            guard answer.status == 200, let json = try? JSON.parse(answer.body) else { return false }
            return (json["total"]?.int ?? 0) > 0 && json["items"]?.array?.isEmpty == false
        }
    }

    @Sendable func respond(_ r: inout SeededRandom) -> Request {
        let (number, token) = pick(answerable, &r)
        let body = Array(#"{"body":"The power board goes out today; it arrives on Thursday. 请注意查收。"}"#.utf8)
        return Request(
            "POST", "/api/v1/tickets/\(number)/responses",
            headers: [("Authorization", "Bearer " + token), ("Content-Type", "application/json")], body: body
        ) { $0.status == 201 && $0.holds(number) }
    }

    /// A customer's login and the body of a ticket of theirs.
    func newTicket(_ r: inout SeededRandom) -> (login: String, body: [UInt8]) {
        let place = Int.random(in: 0..<world.places.count, using: &r)
        let n = Int.random(in: 0..<100_000, using: &r)
        let body: JSON = .make([
            "title": .string("方位轴过流告警 AZ-217 第 \(n) 次"),
            "description":
                "During the pass the azimuth axis stopped at 214° with alarm AZ-217, drive over-current. 已重启两次。",
            "category": "quality", "urgency": "urgent",
            "project_id": .string(world.places[place].project.text),
            "site_id": .string(world.places[place].site.text), "product": "CY-GS73X", "model": "CY-GS73X",
            "serial": .string("GS73X-\(n)"), "failure_mode": "AZ-OC",
        ])
        return ("customer\(place + 1)-\(1 + n % 2)", body.bytes)
    }

    @Sendable func create(_ r: inout SeededRandom) -> Request {
        let (login, body) = newTicket(&r)
        return Request(
            "POST", "/api/v1/tickets",
            headers: [
                ("Authorization", "Bearer " + (world.tokens[login] ?? "")),
                ("Content-Type", "application/json"),
            ], body: body
        ) { $0.status == 201 && $0.holds("\"state\":\"submitted\"") }
    }
}
