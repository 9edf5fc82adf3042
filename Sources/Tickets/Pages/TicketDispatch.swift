import Base
import Store

/// Somebody to whom a ticket could go, and why or why not.
public struct DispatchSuggestion: Sendable {
    /// A reason; its sentence is `ticket.page.dispatch.<key>`.
    public struct Reason: Sendable, Equatable {
        public enum Weight: Sendable { case good, plain, doubtful, against }
        public var weight: Weight
        public var key: String
        public var arguments: [String: String] = [:]
    }

    public var account: AccountID
    public var name: String
    public var unit: OrganizationID?
    /// False on leave.
    public var isAvailable: Bool
    public var reasons: [Reason]
    var score: Int
}

extension Tickets {
    /// Active engineers, the fittest first: skill for the product or fault, the customer's language,
    /// open tickets of the same customer, nearness to the site, the load, and leave.
    ///
    /// The weights only order the list; each is told as a reason, and a person decides.
    public static func dispatchSuggestions(_ ticket: Ticket, _ tx: Transaction) throws -> [DispatchSuggestion]
    {
        let wanted = try DispatchWants(ticket, tx)
        let english = tx.actor.language == .english
        // Where somebody is stands as the site's own name; its English one is told where there is one.
        let place: SQL =
            english
            ? "coalesce((select min(s.name_en) from site s where s.name = a.place), a.place, '')"
            : "coalesce(a.place, '')"
        var order: [AccountID] = []
        var found: [AccountID: DispatchSuggestion] = [:]
        try tx.each(
            """
            select a.id, a.name, coalesce(a.name_latin, ''), a.skills, a.languages, \(place),
              a.time_zone, a.leave_from, a.leave_to, p.unit_id, p.project_id,
              (select count(*) from ticket t where t.engineer_id = a.id and t.is_open = 1),
              (select count(*) from ticket t where t.engineer_id = a.id and t.is_open = 1
                and t.organization_id = \(ticket.organization)),
              (select count(*) from ticket t where t.engineer_id = a.id and t.is_open = 0
                and t.product = \(ticket.product))
            from account a join post p on p.account_id = a.id
            where p.role = 'engineer' and a.is_active = 1 and p.from_at <= \(tx.now)
              and (p.to_at is null or p.to_at > \(tx.now)) order by a.name, a.id limit 500
            """
        ) { r in
            let id: AccountID = r.id()
            let candidate = DispatchCandidate(&r, english: english)
            if found[id] == nil { order.append(id) }
            let made = candidate.suggestion(id, ticket, wanted, at: tx.now)
            // Of several posts the one that speaks most for it.
            if found[id].map({ $0.score < made.score }) ?? true { found[id] = made }
        }
        return order.compactMap { found[$0] }.enumerated()
            .sorted { a, b in
                if a.element.isAvailable != b.element.isAvailable { return a.element.isAvailable }
                return a.element.score != b.element.score
                    ? a.element.score > b.element.score : a.offset < b.offset
            }.map(\.element)
    }
}

/// What the ticket asks of whoever takes it.
private struct DispatchWants {
    /// Product, fault, title and description, in lower case.
    var text: String
    var language: String?
    var siteName: String
    /// Its names in all languages.
    var country: Set<String>
    var zone: String?

    init(_ ticket: Ticket, _ tx: Transaction) throws {
        text = [
            ticket.product, ticket.model, ticket.failureMode, ticket.subType, ticket.title,
            ticket.description,
        ].compactMap { $0?.lowercased() }.joined(separator: " ")
        siteName = ""
        country = []
        let row = try tx.first(
            """
            select (select language from account where id = \(ticket.requester)),
              (select name || ' ' || coalesce(name_en, '') from site where id = \(ticket.site)),
              (select country from site where id = \(ticket.site)), (select time_zone from site where id = \(ticket.site))
            """
        ) { r in (r.textOrNil(), r.textOrNil(), r.textOrNil(), r.textOrNil()) }
        language = row?.0
        siteName = row?.1?.lowercased() ?? ""
        country = Set(
            row?.2.flatMap(Country.init).map { c in Language.allCases.map { c.name(in: $0).lowercased() } }
                ?? [])
        zone = row?.3
    }
}

private struct DispatchCandidate {
    var name: String
    var skills: [String]
    var languages: [String]
    var place: String
    var zone: String
    var leaveFrom: Instant?
    var leaveTo: Instant?
    var unit: OrganizationID?
    var project: ProjectID?
    var load: Int
    var sameCustomer: Int
    var experience: Int

    init(_ r: inout Row, english: Bool) {
        let native = r.text()
        let latin = r.text()
        name = english && !latin.isEmpty ? latin : native
        skills = (r.json().array ?? []).compactMap(\.string)
        languages = (r.json().array ?? []).compactMap(\.string)
        place = r.text()
        zone = r.text()
        leaveFrom = r.instantOrNil()
        leaveTo = r.instantOrNil()
        unit = r.idOrNil()
        project = r.idOrNil()
        load = r.count()
        sameCustomer = r.count()
        experience = r.count()
    }

    func suggestion(_ id: AccountID, _ ticket: Ticket, _ wants: DispatchWants, at now: Instant)
        -> DispatchSuggestion
    {
        var reasons: [DispatchSuggestion.Reason] = []
        var score = 0
        func say(
            _ weight: DispatchSuggestion.Reason.Weight, _ key: String, _ arguments: [String: String] = [:],
            _ points: Int
        ) {
            reasons.append(.init(weight: weight, key: key, arguments: arguments))
            score += points
        }
        if experience > 0 {
            say(.good, "experience", ["n": String(experience)], min(30, 10 + 2 * experience))
        }
        let fitting = matchingSkills(wants.text)
        for skill in fitting.prefix(3) { say(.good, "skill", ["skill": skill], 15) }
        if fitting.isEmpty, experience == 0 { say(.plain, "no_skill", [:], 0) }
        if let language = wants.language { sayLanguage(language, say) }
        if project != nil, project == ticket.project { say(.good, "project", [:], 15) }
        if unit != nil, unit == ticket.unit { say(.good, "unit", [:], 15) }
        if sameCustomer > 0 { say(.good, "same_customer", ["n": String(sameCustomer)], 10) }
        let isNear =
            !place.isEmpty
            && (wants.siteName.contains(place.lowercased()) || wants.country.contains(place.lowercased()))
        if isNear {
            say(.good, "near", ["place": place], 15)
        } else if let siteZone = wants.zone, siteZone == zone {
            say(.good, "same_zone", [:], 8)
        } else if !place.isEmpty {
            say(.plain, "place", ["place": place], 0)
        }
        say(
            load >= 6 ? .doubtful : .plain, load == 0 ? "free" : "load", ["n": String(load)],
            -5 * min(load, 12))
        let isAway = leaveFrom.map { $0 <= now } ?? false && leaveTo.map { now < $0 } ?? true
        let leavesSoon = !isAway && leaveFrom.map { $0 > now && $0 - now < .days(3) } ?? false
        if isAway {
            say(.against, leaveTo == nil ? "on_leave_open" : "on_leave", ["until": day(leaveTo)], -100)
        } else if leavesSoon {
            say(.doubtful, "leave_soon", ["from": day(leaveFrom)], -15)
        }
        return DispatchSuggestion(
            account: id, name: name, unit: unit, isAvailable: !isAway, reasons: reasons, score: score)
    }

    private func sayLanguage(
        _ language: String, _ say: (DispatchSuggestion.Reason.Weight, String, [String: String], Int) -> Void
    ) {
        let wanted = language.prefix(2).lowercased()
        let speaks = languages.contains { $0.lowercased().hasPrefix(wanted) }
        let name = Strings.named("ticket.page.language." + wanted)
        say(
            speaks ? .good : .doubtful, speaks ? "speaks" : "speaks_not", ["language": name],
            speaks ? 20 : -10)
    }

    /// Skills that the ticket's words name, in any of the languages.
    private func matchingSkills(_ text: String) -> [String] {
        skills.compactMap { skill in
            var names = [skill.lowercased().replacing("_", with: " ")]
            let key = "skill." + skill
            let isKnown = Strings.of(.english).has(key)
            if isKnown { names += Language.allCases.map { Strings.of($0)[key].lowercased() } }
            guard names.contains(where: { $0.count >= 2 && text.names($0) }) else { return nil }
            return isKnown ? Strings.named(key) : skill
        }
    }

    private func day(_ t: Instant?) -> String {
        t.flatMap { time in Zone(zone).map { String($0.wall(time).text.prefix(10)) } } ?? ""
    }
}

extension String {
    /// Whether the words stand in it: Latin ones from the beginning of a word, so that `radar` is found
    /// in `radars` and `rf` not in `performance`.
    fileprivate func names(_ word: String) -> Bool {
        let isLatin = word.unicodeScalars.allSatisfy { $0.value < 0x2E80 }
        return ranges(of: word).contains { found in
            guard isLatin, found.lowerBound > startIndex else { return true }
            let before = self[index(before: found.lowerBound)]
            return !(before.isASCII && before.isLetter)
        }
    }
}
