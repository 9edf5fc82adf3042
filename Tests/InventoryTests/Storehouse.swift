import Base
import Foundation
import People
import ServiceLevels
import Store
import TestKit
import Testing
import Web

@testable import Inventory
@testable import fettle

/// A house with a store, served by the whole product: one person per role, a few places and parts.
struct Storehouse {
    let house: House
    let tokens: [String: String]
    let ids: [String: String]

    func api(_ who: String) -> APICaller { APICaller(house.client, token: tokens[who] ?? "none") }
    func id(_ name: String) -> String { ids[name] ?? "none" }

    static func open(
        at now: Instant = House.morning, around: (any Engine) -> any Engine = { $0 }
    ) async throws -> Storehouse {
        let made = Locked<([String: String], [String: String])>(([:], [:]))
        let house = try await House(
            at: now, migrations: Areas.migrations, heard: Set(Areas.handlers.map(\.kind)),
            around: around,
            dispatcher: { store in Composition.dispatcher(store) { print($0) } },
            seed: { tx in
                try ServiceLevels.seed(tx)
                let world = try people(tx)
                made.withLock { $0 = world }
            })
        let (tokens, ids) = made.withLock { $0 }
        return Storehouse(house: house, tokens: tokens, ids: ids)
    }

    private static func people(_ tx: Transaction) throws -> ([String: String], [String: String]) {
        var tokens: [String: String] = [:]
        var ids: [String: String] = [:]
        let home = try People.add(NewOrganization(.house, name: "远衡科技"), tx)
        let rift = try People.add(NewOrganization(.customer, name: "Rift"), tx)
        let maker = try People.add(NewOrganization(.supplier, name: "恒星轴承"), tx)
        let project = try People.add(
            NewProject(code: "PRJ-RIFT", name: "Rift", customer: rift.id), tx)
        let site = try People.add(NewSite(name: "Naivasha", zone: "Africa/Nairobi"), to: project, tx)
        let staff: [(String, Role)] = [
            ("keeper", .keeper), ("keeper2", .keeper),
            ("keeper_manager", .keeper), ("engineer", .engineer), ("engineer2", .engineer),
            ("service_manager", .serviceManager), ("management", .management), ("quality", .quality),
            ("finance", .finance), ("auditor", .auditor), ("administrator", .administrator),
            ("trainer", .trainer), ("technical_lead", .technicalLead), ("site_lead", .siteLead),
            ("customer", .customer), ("supplier", .supplier),
        ]
        for (login, role) in staff {
            let home = role == .customer ? rift.id : role == .supplier ? maker.id : home.id
            let account = try People.add(NewAccount(login: login, name: login, organization: home), tx)
            try People.add(NewPost(role, site: role == .siteLead ? site.id : nil), to: account, tx)
            // Somebody who is both, to see that nobody agrees to their own.
            if login == "keeper_manager" { try People.add(NewPost(.serviceManager), to: account, tx) }
            tokens[login] = try People.makeToken(account.id, name: "test", days: nil, tx)
            ids[login] = account.id.text
        }
        ids["store"] = try Inventory.add(PlaceInput(.store, name: "南京备件库"), tx).id.text
        ids["depot"] = try Inventory.add(PlaceInput(.depot, name: "成都备件库"), tx).id.text
        var local = PlaceInput(.siteStore, name: "Naivasha")
        local.site = .set(site.id)
        ids["site_store"] = try Inventory.add(local, tx).id.text
        var box = PlaceInput(.box, name: "engineer's box")
        box.keeper = .set(AccountID(ids["engineer"] ?? ""))
        ids["box"] = try Inventory.add(box, tx).id.text
        for (name, tracking) in [
            ("fan", Part.Tracking.none), ("lna", .serial), ("grease", .batch), ("drive", .none),
        ] {
            ids[name] = try Inventory.add(
                PartInput(number: name, name: name, tracking: tracking), tx
            ).id.text
        }
        return (tokens, ids)
    }

    /// A document's content of one line.
    func one(
        _ part: String, _ quantity: JSON, at place: String = "store", to target: String? = nil,
        submit: Bool = true, _ more: [(String, JSON)] = []
    ) -> JSON {
        let line: [JSON.Member] =
            [.init("part_id", .string(id(part))), .init("quantity", quantity)]
            + more.map { JSON.Member($0.0, $0.1) }
        var out: [JSON.Member] = [
            .init("place_id", .string(id(place))), .init("reason", "a trial"),
            .init("lines", .array([.object(line)])), .init("submit", .bool(submit)),
        ]
        if let target { out.append(.init("to_place_id", .string(id(target)))) }
        return .object(out)
    }

    @discardableResult
    func post(
        _ who: String, _ path: String, _ body: JSON? = nil, expect status: Int,
        code: String? = nil, _ place: SourceLocation = #_sourceLocation
    ) async throws -> JSON {
        let reply = try await api(who).post(path, body)
        #expect(
            reply.status == status, "\(who) \(path): \(reply.status) \(reply.text)", sourceLocation: place)
        if let code {
            let fields = reply.json["errors"]?.array?.compactMap { $0["code"]?.string } ?? []
            #expect(
                reply.code == code || fields.contains(code), "\(who) \(path): \(reply.text)",
                sourceLocation: place)
        }
        return reply.json
    }

    func onHand(_ part: String, at place: String = "store") async throws -> Int64 {
        let reply = try await api("auditor").get("/balances?part=\(id(part))&place=\(id(place))")
        return reply.json["items"]?.array?.reduce(0) { $0 + ($1["on_hand"]?.int ?? 0) } ?? -1
    }

    func faults() async throws -> [String] {
        try await house.store.read(by: .system("test")) {
            try Inventory.verify($0).faults + History.verify($0).faults
        }
    }
}

/// Lets a test write a body as it stands in a request.
extension JSON: ExpressibleByDictionaryLiteral {
    public init(dictionaryLiteral elements: (String, JSON)...) {
        self = .object(elements.map { Member($0.0, $0.1) })
    }
}
