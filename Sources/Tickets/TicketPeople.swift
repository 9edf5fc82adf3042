import Base
import People
import Store

/// What the tickets area asks of the people area: names, and who holds which post.
enum TicketPeople {
    /// Active accounts that hold a post of that role now; at a site or in a unit where one is given.
    static func holders(
        of role: Role, unit: OrganizationID? = nil, site: SiteID? = nil, project: ProjectID? = nil,
        _ tx: Transaction
    ) throws -> [AccountID] {
        var place: SQL = ""
        if let unit { place += " and p.unit_id = \(unit)" }
        if let site { place += " and p.site_id = \(site)" }
        if let project { place += " and (p.project_id = \(project) or p.project_id is null)" }
        return try tx.rows(
            """
            select distinct p.account_id from post p join account a on a.id = p.account_id
            where p.role = \(role) and a.is_active = 1 and p.from_at <= \(tx.now)
              and (p.to_at is null or p.to_at > \(tx.now))\(place) order by p.account_id
            """
        ) { $0.id() }
    }

    /// Which of the roles somebody holds now who is none of those.
    static func roles(_ roles: Set<Role>, heldByOthersThan those: Set<AccountID>, _ tx: Transaction) throws
        -> Set<Role>
    {
        Set(
            try tx.rows(
                """
                select distinct p.role from post p join account a on a.id = p.account_id
                where p.role in \(list: roles.map(\.rawValue).sorted()) and a.is_active = 1
                  and p.from_at <= \(tx.now) and (p.to_at is null or p.to_at > \(tx.now))
                  and p.account_id not in \(list: those.map(\.text).sorted())
                """
            ) { $0.choiceOrNil(Role.self) }.compactMap { $0 })
    }

    /// The contract of a project, whose service level is closer than the house's.
    static func contract(_ project: ProjectID?, _ tx: Transaction) throws -> String? {
        guard let project else { return nil }
        return try tx.first("select contract from project where id = \(project)") { $0.textOrNil() } ?? nil
    }

    struct Names: Sendable {
        var accounts: [AccountID: String] = [:]
        var organizations: [OrganizationID: String] = [:]
        var projects: [ProjectID: String] = [:]
        var sites: [SiteID: (name: String, zone: String)] = [:]
    }

    /// Names of everything that a few tickets point to, in one statement.
    static func names(
        _ tickets: [Ticket], accounts: [AccountID?] = [], organizations: [OrganizationID?] = [],
        _ tx: Transaction
    ) throws -> Names {
        var a = Set(accounts.compactMap { $0?.text })
        var o = Set(organizations.compactMap { $0?.text })
        var p = Set<String>()
        var s = Set<String>()
        for t in tickets {
            for id in [
                t.requester, t.engineer, t.createdBy, t.gradedBy, t.cause?.by, t.solution?.by, t.decision?.by,
                t.completion?.by, t.attestation?.by, t.closure?.by, t.archive?.by, t.nextAction?.owner,
            ] {
                if let id { a.insert(id.text) }
            }
            for id in [t.organization, t.unit] { if let id { o.insert(id.text) } }
            if let id = t.project { p.insert(id.text) }
            if let id = t.site { s.insert(id.text) }
        }
        return try names(accounts: a, organizations: o, projects: p, sites: s, tx)
    }

    static func names(
        accounts: Set<String>, organizations: Set<String>, projects: Set<String>, sites: Set<String>,
        _ tx: Transaction
    ) throws -> Names {
        var out = Names()
        let english = tx.actor.language == .english
        try tx.each(
            """
            select 'a', id, name, coalesce(name_latin, ''), '' from account where id in \(list: accounts.sorted())
            union all select 'o', id, name, coalesce(name_en, ''), '' from organization where id in \(list: organizations.sorted())
            union all select 'p', id, name, coalesce(name_en, ''), '' from project where id in \(list: projects.sorted())
            union all select 's', id, name, coalesce(name_en, ''), time_zone from site where id in \(list: sites.sorted())
            """
        ) { r in
            let kind = r.text()
            let id = r.text()
            let native = r.text()
            let latin = r.text()
            let name = english && !latin.isEmpty ? latin : native
            switch kind {
            case "a": out.accounts[ID(id)] = name
            case "o": out.organizations[ID(id)] = name
            case "p": out.projects[ID(id)] = name
            default: out.sites[ID(id)] = (name, r.text())
            }
        }
        return out
    }
}

/// The house's decisions about tickets, each a setting with versions; kept ready between transactions.
enum TicketHouse {
    struct House: Sendable {
        var settings: TicketSettings
        var onDuty: [AccountID]
        var zone: Zone
        var quiet: QuietHours?
    }

    /// When warnings wait, except those of P1: minutes of the day in the house's zone, the end
    /// excluded; may go over midnight.
    struct QuietHours: Sendable {
        var from: Int
        var to: Int
        var zone: Zone

        func contains(_ t: Instant) -> Bool {
            let minute = zone.wall(t).secondOfDay / 60
            return from <= to ? (from..<to).contains(minute) : minute >= from || minute < to
        }
    }

    static func isQuiet(_ tx: Transaction) throws -> Bool { try house(tx).quiet?.contains(tx.now) ?? false }

    static func settings(_ tx: Transaction) throws -> TicketSettings { try house(tx).settings }
    static func onDuty(_ tx: Transaction) throws -> [AccountID] { try house(tx).onDuty }
    static func zone(_ tx: Transaction) throws -> Zone { try house(tx).zone }

    private static func house(_ tx: Transaction) throws -> House {
        try tx.kept("tickets.house", of: Settings.source) {
            var values = Dictionary(
                uniqueKeysWithValues: HouseSetting.allCases.map { ($0.rawValue, $0.standard) })
            try tx.each(
                """
                select name, value from setting s where effective_from <= \(tx.now)
                order by name, version
                """
            ) { r in values[r.text()] = r.json() }
            var s = TicketSettings()
            if let v = values["four_eyes"]?.string { s.fourEyes = .init(rawValue: v) ?? .strict }
            if let limit = values["cost_limit_minor"]?.int {
                s.costLimits = [values["currency"]?.string ?? "CNY": limit]
            }
            let zone = values["house_time_zone"]?.string.flatMap { Zone($0) } ?? .utc
            func minute(_ setting: HouseSetting) -> Int? {
                values[setting.rawValue]?.string.flatMap(HouseSetting.minuteOfDay)
            }
            var quiet: QuietHours?
            if let from = minute(.quietFrom), let to = minute(.quietTo) {
                quiet = QuietHours(from: from, to: to, zone: zone)
            }
            return House(
                settings: s, onDuty: (values["on_duty"]?.array ?? []).compactMap { $0.string.map { ID($0) } },
                zone: zone, quiet: quiet)
        }
    }
}
