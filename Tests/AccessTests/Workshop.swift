import Base
import Foundation
import InstalledBase
import People
import ServiceLevels
import Store
import TestKit
import Web

@testable import fettle

/// A small maker with two customers: one person per role, a project with a site, and another
/// customer's that must stay out of sight. Served by the whole product.
struct Workshop {
    let house: House
    let tokens: [String: String]
    let ids: [String: String]
    var client: HTTPClient { house.client }

    func api(_ who: String) -> APICaller { APICaller(house.client, token: tokens[who] ?? "none") }
    func id(_ name: String) -> String { ids[name] ?? "none" }

    static let password = "correct horse 42"

    static func open(
        at now: Instant = House.morning, around: (any Engine) -> any Engine = { $0 }
    ) async throws -> Workshop {
        let made = Locked<([String: String], [String: String])>(([:], [:]))
        let hash = try await KnownPasswords.shared.hash(password)
        let house = try await House(
            at: now, migrations: Areas.migrations, heard: Set(Areas.handlers.map(\.kind)),
            around: around,
            dispatcher: { store in Composition.dispatcher(store) { print($0) } },
            seed: { tx in
                try ServiceLevels.seed(tx)
                _ = try tx.addLevelItem(
                    .holidaySet, "days", ["id": "days", "known_years": [2026], "days": []])
                let world = try people(hash, tx)
                made.withLock { $0 = world }
            })
        let (tokens, ids) = made.withLock { $0 }
        return Workshop(house: house, tokens: tokens, ids: ids)
    }

    private static func people(_ hash: String, _ tx: Transaction) throws -> (
        [String: String], [String: String]
    ) {
        var tokens: [String: String] = [:]
        var ids: [String: String] = [:]
        let home = try People.add(NewOrganization(.house, name: "远衡科技"), tx)
        let unit = try People.add(NewOrganization(.unit, name: "客服部", parent: home.id), tx)
        let rift = try People.add(NewOrganization(.customer, name: "Rift Earth Observation"), tx)
        let other = try People.add(NewOrganization(.customer, name: "Observatorio Andino"), tx)
        let supplier = try People.add(NewOrganization(.supplier, name: "恒星轴承"), tx)
        ids["unit"] = unit.id.text
        ids["rift"] = rift.id.text
        ids["andino"] = other.id.text
        let project = try project("Rift 地面站", "PRJ-RIFT", rift.id, tx)
        let site = try site("Naivasha", "Africa/Nairobi", project, tx)
        let foreign = try self.project("El Alto 雷达", "PRJ-ALTO", other.id, tx)
        let foreignSite = try self.site("El Alto", "America/La_Paz", foreign, tx)
        ids["project"] = project.id.text
        ids["site"] = site.id.text
        ids["foreign_project"] = foreign.id.text
        ids["foreign_site"] = foreignSite.id.text
        func add(
            _ login: String, _ name: String, _ role: Role, _ home: OrganizationID, _ post: NewPost? = nil
        ) throws {
            let account = try People.add(
                NewAccount(login: login, name: name, organization: home), passwordHash: hash, tx)
            try People.add(post ?? NewPost(role), to: account, tx)
            tokens[login] = try People.makeToken(account.id, name: "test", days: nil, tx)
            ids[login] = account.id.text
        }
        let staff: [(String, String, Role)] = [
            ("service_manager", "林志远", .serviceManager), ("management", "沈国栋", .management),
            ("quality", "白素", .quality),
            ("keeper", "马晓燕", .keeper), ("trainer", "许静", .trainer), ("finance", "钱慧", .finance),
            ("administrator", "管清", .administrator), ("auditor", "审明", .auditor),
        ]
        for (login, name, role) in staff { try add(login, name, role, home.id) }
        try add("engineer", "周雨桐", .engineer, unit.id, NewPost(.engineer, unit: unit.id))
        try add("engineer2", "高远", .engineer, unit.id, NewPost(.engineer))
        try add("engineer3", "石磊", .engineer, home.id, NewPost(.engineer))
        try add(
            "technical_lead", "顾文昭", .technicalLead, home.id, NewPost(.technicalLead, project: project.id))
        try add("site_lead", "韩立峰", .siteLead, home.id, NewPost(.siteLead, site: site.id))
        try add("customer", "Grace W. Mwangi", .customer, rift.id)
        try add("customer2", "Lucía Quispe", .customer, other.id)
        try add("supplier", "陈工", .supplier, supplier.id)
        // An account without a post, one to be disabled, and one to be worked on.
        for login in ["leaver", "gone", "target"] {
            let account = try People.add(
                NewAccount(login: login, name: login, organization: home.id), passwordHash: hash, tx)
            tokens[login] = try People.makeToken(account.id, name: "test", days: nil, tx)
            ids[login] = account.id.text
        }
        for category in ["quality", "request", "project"] {
            try tx.run(
                "insert into routing (id, category, product, unit_id, position) values (\(category), \(category), null, \(unit.id), 1)"
            )
        }
        try sold(&ids, project, site, tx)
        return (tokens, ids)
    }

    /// A unit at the site of `customer`, under contract.
    private static func sold(
        _ ids: inout [String: String], _ project: Project, _ site: Site, _ tx: Transaction
    )
        throws
    {
        let product = try InstalledBase.add(NewProduct(.system, code: "GS73X", name: "7.3 米天线"), tx)
        var new = NewProductUnit(product: product.id, serial: "SN-4711", batch: "B-26")
        new.site = site.id
        let unit = try InstalledBase.add(new, tx)
        var contract = NewContract(
            number: "YH-SV-1", name: "Service", customer: project.customer, from: 20_000, until: 21_000)
        contract.project = project.id
        ids["product"] = product.id.text
        ids["product_unit"] = unit.id.text
        ids["contract"] = try InstalledBase.add(contract, tx).id.text
    }

    private static func project(_ name: String, _ code: String, _ owner: OrganizationID, _ tx: Transaction)
        throws -> Project
    {
        try People.add(NewProject(code: code, name: name, customer: owner), tx)
    }

    private static func site(_ name: String, _ zone: String, _ project: Project, _ tx: Transaction) throws
        -> Site
    {
        try People.add(NewSite(name: name, zone: zone), to: project, tx)
    }

    /// The body of an ordinary fault report.
    func report(
        _ title: String = "方位轴过流告警 AZ-217", category: String = "quality", serial: String = "GS73X-2309-0041"
    ) -> JSON {
        .make([
            "title": .string(title),
            "description": "During the pass the azimuth axis stopped at 214° with alarm AZ-217.",
            "category": .string(category), "urgency": "urgent", "project_id": .string(id("project")),
            "site_id": .string(id("site")), "product": "CY-GS73X", "model": "CY-GS73X",
            "serial": .string(serial),
            "failure_mode": "AZ-OC",
        ])
    }
}
