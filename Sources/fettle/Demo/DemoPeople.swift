import Base
import People
import ServiceLevels
import Store
import Web

/// The house of the demo world as it stands in a store: who and what the content's ids became.
struct DemoHouse: Sendable {
    var organizations: [String: OrganizationID] = [:]
    var people: [String: AccountID] = [:]
    var projects: [String: ProjectID] = [:]
    var sites: [String: SiteID] = [:]
    var stock = DemoStock.Places()
}

/// Makes the house: organisations, people with dated posts, projects with their named people, sites,
/// routing, settings, calendars and service levels. Runs before the first ticket, as the administrator's
/// job of the system does.
struct DemoPeople {
    let content: DemoContent
    let passwordHash: String
    /// When the house began to use the system; posts began long before.
    let since: Instant
    /// When the demo is looked at: leave lies around it.
    let now: Instant

    func make(_ tx: Transaction) throws -> DemoHouse {
        var house = DemoHouse()
        try organizations(&house, tx)
        try settings(tx)
        let accounts = try people(&house, tx)
        try projects(&house, accounts, tx)
        try posts(house, accounts, tx)
        try contacts(house, tx)
        try routing(house, tx)
        try onDuty(house, tx)
        try levels(house, tx)
        try DemoInstalled(content: content, house: house, now: now).make(tx)
        house.stock = try DemoStock(content: content, house: house, now: now).make(tx)
        return house
    }

    // MARK: Who

    private func organizations(_ house: inout DemoHouse, _ tx: Transaction) throws {
        for o in content.organizations {
            guard let kind = Organization.Kind(rawValue: o.kind) else { continue }
            var new = NewOrganization(
                kind, name: o.name.hans, parent: o.parent.flatMap { house.organizations[$0] })
            new.nameEn = o.name.en
            new.code = o.kind == "unit" ? nil : o.shortName.en
            new.country = o.country.flatMap { country in
                Country.all(in: .english).first { $0.name == country.en }?.code
            }
            new.zone = o.timeZone
            house.organizations[o.id] = try People.add(new, tx).id
        }
    }

    private func people(_ house: inout DemoHouse, _ tx: Transaction) throws -> [String: Account] {
        var accounts: [String: Account] = [:]
        let sites = Dictionary(
            content.projects.flatMap(\.sites).map { ($0.id, $0.name) }, uniquingKeysWith: { a, _ in a })
        for p in content.people {
            guard let home = house.organizations[p.organisation] else { continue }
            let speaksChinese = p.languages.first == "zh"
            var new = NewAccount(
                login: p.login, name: speaksChinese ? p.name.hans : p.name.en, organization: home)
            new.nameLatin = p.name.en
            new.email = p.email
            new.phone = p.phone
            new.language = speaksChinese ? .simplifiedChinese : .english
            new.zone = p.timeZone
            new.skills = p.skills
            new.languages = p.languages
            new.place = p.site.flatMap { sites[$0] }?.text(speaksChinese ? "zh-Hans" : "en")
            var account = try People.add(new, passwordHash: passwordHash, tx)
            // Two are away while the demo is looked at, so that a suggestion has somebody to leave out.
            if p.id == "p-gulinar" || p.id == "p-luo-yi" {
                account = try People.setLeave(of: account, from: now - .days(2), to: now + .days(9), tx)
            }
            accounts[p.id] = account
            house.people[p.id] = account.id
        }
        return accounts
    }

    private func projects(_ house: inout DemoHouse, _ accounts: [String: Account], _ tx: Transaction) throws {
        for p in content.projects {
            guard let customer = house.organizations[p.customer] else { continue }
            var new = NewProject(code: p.number, name: p.name.hans, customer: customer)
            new.nameEn = p.name.en
            new.contract = p.contract.number
            let project = try People.add(new, tx)
            house.projects[p.id] = project.id
            for s in p.sites {
                var site = NewSite(name: s.name.hans, zone: s.timeZone)
                site.nameEn = s.name.en
                site.address = s.address?.en
                house.sites[s.id] = try People.add(site, to: project, tx).id
            }
        }
    }

    /// A post in the own unit for everyone; site leads hold one for each site, technical leads and
    /// whoever speaks in a project's tickets one in the project.
    private func posts(_ house: DemoHouse, _ accounts: [String: Account], _ tx: Transaction) throws {
        let from = since - .days(1500)
        func give(_ id: String, _ role: Role, project: String? = nil, site: String? = nil) throws {
            guard let account = accounts[id], let person = content.person(id) else { return }
            var post = NewPost(role, project: project.flatMap { house.projects[$0] })
            post.site = site.flatMap { house.sites[$0] }
            if role != .customer, role != .supplier { post.unit = house.organizations[person.organisation] }
            post.from = from
            try People.add(post, to: account, tx)
        }
        for p in content.people {
            guard let role = Role(rawValue: p.role), role != .siteLead else { continue }
            try give(p.id, role)
        }
        for project in content.projects {
            for site in project.sites {
                try give(project.siteLead, .siteLead, project: project.id, site: site.id)
            }
        }
        var given: Set<String> = []
        for story in content.stories {
            let named = content.project(story.project)
            var members: [(String, Role)] = [(story.technicalLead, .technicalLead)]
            for line in story.conversation where line.role == "engineer" || line.role == "technical_lead" {
                if let role = Role(rawValue: line.role), line.by != story.engineer {
                    members.append((line.by, role))
                }
            }
            for (id, role) in members where given.insert(id + story.project).inserted {
                if id == named?.technicalLead || id == named?.contactPerson { continue }
                try give(id, role, project: story.project)
            }
        }
    }

    private func contacts(_ house: DemoHouse, _ tx: Transaction) throws {
        for p in content.projects {
            guard let id = house.projects[p.id], let project = try People.project(id, tx),
                let contact = house.people[p.contactPerson]
            else { continue }
            let day = CivilDate.parse(p.contactSince).map {
                Zone.utc.instant(WallTime(dayNumber: $0, secondOfDay: 0))
            }
            let named = NewContact(
                contact: contact, deputy: house.people[p.deputy], siteLead: house.people[p.siteLead],
                technicalLead: house.people[p.technicalLead], from: min(day ?? since, since))
            try People.name(named, of: project, tx)
        }
    }

    // MARK: What holds

    private func settings(_ tx: Transaction) throws {
        guard let house = content.organizations.first(where: { $0.kind == "house" }) else { return }
        try People.set(
            .houseName, .make(["zh": .string(house.shortName.hans), "en": .string(house.shortName.en)]), tx)
        try People.set(.houseTimeZone, .string(house.timeZone), tx)
        try People.set(.costLimit, .int(DemoStory.costLimit), tx)
        try People.set(.currency, "CNY", tx)
    }

    private func onDuty(_ house: DemoHouse, _ tx: Transaction) throws {
        let ids = DemoCast.onDuty.compactMap { house.people[$0] }
        try Settings.set("on_duty", .array(ids.map { .string($0.text) }), tx)
    }

    private func routing(_ house: DemoHouse, _ tx: Transaction) throws {
        let lines: [(RoutedCategory, String?, String)] = [
            (.quality, nil, "unit-field"), (.quality, "CS12", "unit-tech"), (.quality, "TR40", "unit-tech"),
            (.request, nil, "unit-csc"), (.project, nil, "unit-aftersales"),
        ]
        for (category, product, unit) in lines {
            guard let unit = house.organizations[unit] else { continue }
            try People.add(NewRouting(category, product: product, unit: unit), tx)
        }
    }

    /// Calendars with China's holidays, the house's policy, and a policy for each project whose contract
    /// asks for other terms.
    private func levels(_ house: DemoHouse, _ tx: Transaction) throws {
        try ServiceLevels.seed(tx)
        var china = HolidaySet(id: "CN", label: Label(en: "China", hans: "中国", hant: "中國"))
        for line in DemoHours.chinaOff {
            let parts = line.split(separator: " ")
            guard parts.count == 3, let first = CivilDate.parse(parts[0]),
                let last = CivilDate.parse(parts[1])
            else { continue }
            for day in first...last { china.add(day, .init(isOff: true, name: String(parts[2]))) }
            china.know(CivilDate.date(dayNumber: first).year)
        }
        for day in DemoHours.chinaWorked {
            if let day = CivilDate.parse(day) { china.add(day, .init(isOff: false, name: "调休上班")) }
        }
        _ = try tx.addLevelItem(.holidaySet, china.id, china.json)
        for c in content.calendars where !c.always {
            let spans = (c.spans ?? []).compactMap { $0.count == 2 ? DaySpan($0[0], $0[1]) : nil }
            let calendar = try CalendarDefinition.weekly(
                id: c.id, label: Label(en: "Business hours", hans: "工作时间", hant: "工作時間"),
                zone: c.timeZone, weekdays: 1...5, spans: spans,
                holidaySets: [c.holidaySet].compactMap { $0 })
            _ = try tx.addLevelItem(.calendar, calendar.id, calendar.json)
        }
        for project in content.projects where project.serviceLevel != "house-default" {
            guard let level = content.levels.first(where: { $0.id == project.serviceLevel }),
                let id = house.projects[project.id]
            else { continue }
            var targets: [Priority: GradeTargets] = [:]
            for (code, hours) in level.targets {
                guard let priority = Priority(code: code) else { continue }
                targets[priority] = GradeTargets(
                    response: .hours(hours.responseHours), solution: .hours(hours.solutionHours))
            }
            let policy = try ServiceLevelPolicy(
                id: "\(level.id)-\(project.id)",
                label: Label(en: level.name.en, hans: level.name.hans, hant: level.name.hans),
                scope: .project(id.text), effectiveFrom: Instant(ms: 0), responseCalendar: level.calendar,
                solutionCalendar: level.calendar, targets: targets)
            _ = try tx.addLevelItem(.policy, policy.id, policy.json)
        }
    }
}
