import Base
import Spreadsheet
import Store
import Web

/// The lists and work pages of the area: what each role begins with, and what leads to a ticket.
public enum WorkPages {
    public static func routes(_ routes: inout Routes) {
        routes.page("/") { call, tx in try StartPage.page(call, tx) }
        routes.page("/portal") { call, tx in try PortalPage.page(call, tx) }
        routes.page("/menu") { call, tx in try StartPage.menu(call, tx) }
        routes.page("/work") { call, tx in try WorkPage.page(call, tx) }
        routes.page("/tickets") { call, tx in try WorkTable.page(call, tx) }
        for format in ListExport.Format.allCases {
            routes.free("GET", "/tickets/export.\(format.rawValue)", surface: .page) { call, kit, _ in
                try await WorkExport.reply(format, call, kit)
            }
        }
        routes.form("/views") { call, tx in
            .redirect(try SavedViews.save(try call.input(NewView.self), tx))
        }
        routes.form("/views/{id}/removal") { call, tx in
            .redirect(try SavedViews.remove(call.parameter("id"), tx).path)
        }
        routes.page("/triage", roles: Roles([.serviceManager])) { call, tx in try TriagePage.page(call, tx) }
        routes.page("/wall") { call, tx in try WallPage.page(call, tx) }
        for queue in WorkQueue.allCases {
            routes.page(queue.path, roles: Roles(queue.role)) { call, tx in try queue.page(call, tx) }
        }
        routes.page("/search") { call, tx in try SearchPage.page(call, tx) }
        routes.page("/notices") { call, tx in try NoticesPage.page(call, tx) }
        routes.page("/visits") { call, tx in
            guard try call.actor().isStaff else { throw Failure.notFound() }
            return try WorkVisits.page(call, tx)
        }
        routes.page("/tasks") { call, tx in
            let actor = try call.actor()
            guard actor.isStaff || actor.has(.supplier) else { throw Failure.notFound() }
            return try WorkTasks.page(call, tx)
        }
        routes.page("/e/{token}", door: .everyone) { call, tx in try PortalRating.page(call, tx) }
        IntakeRoutes.add(&routes)
        FeedbackRoutes.add(&routes)
    }

    /// The main places of a role.
    public static func navigation(_ actor: Actor) -> [NavigationGroup] {
        if !actor.isStaff { return [NavigationGroup("nav.portal", outside(actor))] }
        var work: [NavigationEntry] = []
        func add(_ name: String, _ path: String, _ icon: Icon, count: String? = nil, first: Bool = true) {
            let isFirst = first && work.filter(\.isFirst).count < 4
            work.append(NavigationEntry(name, path, icon, count: count, isFirst: isFirst))
        }
        if actor.has(.serviceManager) { add("nav.triage", "/triage", .triage, count: "triage") }
        if actor.hasAny(Roles([.engineer, .technicalLead, .siteLead])) {
            add("work.title", "/work", .inbox, count: "work")
        }
        for queue in WorkQueue.allCases where actor.has(queue.role) {
            add(queue.nameKey, queue.path, queue.icon, count: queue.rawValue)
        }
        if WorkPage.seesTickets(actor) {
            add("work.tickets", "/tickets", .ticket)
            add("wall.title", "/wall", .wall, first: !actor.has(.engineer))
        }
        if actor.has(.engineer) { add("visits.title", "/visits", .calendar) }
        // Who works in the stores finds more to do there.
        let isElsewhere = actor.hasAny(Roles([.keeper, .finance]))
        add(
            "tasks.title", "/tasks", .checkCircle, count: "tasks",
            first: !isElsewhere && !WorkPage.seesTickets(actor))
        add("feedback.title", "/feedback", .message, count: "feedback", first: false)
        return [NavigationGroup("nav.work", work)]
    }

    private static func outside(_ actor: Actor) -> [NavigationEntry] {
        var out: [NavigationEntry] = []
        if actor.has(.customer) {
            out += [
                NavigationEntry("portal.title", "/portal", .ticket, isFirst: true),
                NavigationEntry("portal.new", "/tickets/new", .plus, isFirst: true),
                NavigationEntry("portal.all", "/tickets", .columns, isFirst: true),
                NavigationEntry("feedback.title", "/feedback", .message, isFirst: true),
            ]
        }
        if actor.has(.supplier) {
            out.append(NavigationEntry("tasks.title", "/tasks", .checkCircle, count: "tasks", isFirst: true))
        }
        return out
    }

    /// Counts beside the entries: only those that the reader has.
    public static func counts(_ tx: Transaction) throws -> [String: Int] {
        let actor = tx.actor
        guard let me = actor.id else { return [:] }
        // All in one statement; beyond 99 nothing says a number.
        var wanted: [(key: String, count: SQL)] = [
            (
                "notices",
                """
                (select count(*) from (select 1 from notice
                  where account_id = \(me) and read_at is null limit 100) n)
                """
            )
        ]
        func tickets(_ key: String, _ condition: SQL) {
            wanted.append((key, tx.counted(condition, most: 100)))
        }
        if actor.isStaff || actor.has(.supplier) {
            wanted.append(
                ("tasks", "(select count(*) from ticket_task where owner_id = \(me) and is_done = 0)"))
        }
        if actor.isStaff {
            wanted.append(
                ("feedback", "(select count(*) from feedback where owner_id = \(me) and answered_at is null)")
            )
            if actor.has(.serviceManager) { tickets("triage", TriagePage.waiting) }
            if actor.hasAny(Roles([.engineer, .technicalLead, .siteLead])) {
                tickets("work", WorkPage.waiting(tx))
            }
            // Attested tickets wait on for their rating alone, which the ticket itself tells.
            for queue in WorkQueue.allCases where queue != .attestations && actor.has(queue.role) {
                tickets(queue.rawValue, queue.condition(tx))
            }
        }
        var out: [String: Int] = [:]
        try tx.each("select \(wanted.map(\.count).joined(", "))") { r in
            for (key, _) in wanted { out[key] = r.count() }
        }
        if actor.isStaff, actor.has(.siteLead) {
            out[WorkQueue.attestations.rawValue] = try WorkQueue.attestations.waiting(tx).count
        }
        return out
    }
}

/// Where somebody lands: each role on its own page.
enum StartPage {
    static func page(_ call: Call, _ tx: Transaction) throws -> Reply {
        let actor = try call.actor()
        if actor.has(.customer), !actor.isStaff { return try PortalPage.page(call, tx) }
        let place = path(actor)
        if place != "/" {
            // What was just done is said there.
            let done = call.queryValue("done").map { "?done=" + FormBody.encode($0) }
            return .redirect(place + (done ?? ""))
        }
        let name = call.t("start.title", ["name": actor.name])
        let h =
            WorkParts.head(name)
            + WorkParts.empty(
                call.t("start"), call.t("start.none"),
                "<a class=\"btn\" href=\"/tasks\">\(call.t("tasks.title"))</a>")
        return try Layout.page(call, tx, title: call.t("start"), h)
    }

    /// The start page of a person; `/` itself for customers and for who holds no post.
    static func path(_ actor: Actor) -> String {
        if actor.has(.customer), !actor.isStaff { return "/" }
        let places: [(Role, String)] = [
            (.serviceManager, "/triage"), (.engineer, "/work"), (.technicalLead, "/causes"),
            (.siteLead, "/attestations"), (.management, "/decisions"), (.quality, "/archive-queue"),
            (.keeper, "/stock/today"), (.finance, "/stock/today"),
            (.administrator, "/admin/accounts"), (.auditor, "/tickets"),
        ]
        // Others who hold a post find what is theirs to do among the tasks.
        return places.first { actor.has($0.0) }?.1 ?? (actor.roles.list.isEmpty ? "/" : "/tasks")
    }

    /// All places, for phones, whose bar holds only four.
    static func menu(_ call: Call, _ tx: Transaction) throws -> Reply {
        let actor = try call.actor()
        let counts = try call.chrome.counts(tx)
        let groups = Layout.places(call, actor)
        let h: HTML = """
            \(WorkParts.head(call.t("menu.title")))<div class="stack-l">\(groups.html { group in
                """
                <section><h2 class="sec">\(call.t(group.title))</h2><ul class="panel place-list">\(group.entries.html { entry in
                    let n = entry.count.flatMap { counts[$0] } ?? 0
                    return "<li><a href=\"\(entry.path)\">\(entry.icon)<span>\(call.t(entry.name))</span>\(HTML.when(n > 0, "<span class=\"count count-bad\">\(n)</span>"))</a></li>"
                })</ul></section>
                """
            })<section><h2 class="sec">\(call.t("me.account"))</h2><ul class="panel place-list">\
            <li><a href="/notices">\(Icon.bell)<span>\(call.t("notices.title"))</span></a></li>\
            <li><a href="/me">\(Icon.user)<span>\(call.t("me.account"))</span></a></li></ul></section></div>
            """
        return try Layout.page(call, tx, title: call.t("menu.title"), current: "/menu", h)
    }
}
