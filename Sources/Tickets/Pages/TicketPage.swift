import Base
import Inventory
import ServiceLevels
import Store
import Web

/// Everything that the page of one ticket shows, read in at most ten statements beside the stamps and
/// what its product unit and its parts ask.
///
/// A class, so that its many parts copy nothing of it; filled by `load`, unchanged afterwards.
final class TicketPage {
    let call: Call
    let view: TicketView
    let now: Instant
    var names = PageNames()
    var history: [HistoryRow] = []
    var files: [PageFile] = []
    var tasks: [PageTask] = []
    var visits: [PageVisit] = []
    var links: [RelatedTicket] = []
    var cycles: [PageCycle] = []
    var allowed: [Step] = []
    /// Other tickets of the same product and failure mode within 12 months, where graded.
    var alike: Int?
    /// The unit that it is about, as far as the reader sees it.
    var unit: SeenUnit?
    /// Of a customer's page what was released.
    var parts: [TicketPart] = []
    /// Whether the reader may take parts for it now.
    var usesParts = false
    /// Places to take parts from, where the form is open.
    var partPlaces: [(id: PlaceID, name: String)] = []
    /// What was looked for among the parts.
    var partsFound: [FoundPart] = []
    /// The house's currency.
    var currency = ""
    /// All legs now; nil where no clock runs: drafts, imported tickets.
    var clock: TicketClock?
    var state: ClockState?
    /// The step whose form is open.
    var chosen: Step?
    /// Files that came with a message which was refused.
    var heldFiles: HTML = ""
    /// What the open form offers to choose from.
    var choices = StepChoices()
    let seesInternal: Bool

    private init(call: Call, view: TicketView, now: Instant, seesInternal: Bool) {
        self.call = call
        self.view = view
        self.now = now
        self.seesInternal = seesInternal
    }

    var ticket: Ticket { view.ticket }
    var strings: Strings { call.strings }
    var times: Times { Times(call) }
    var actor: Actor? { call.caller?.actor }
    var me: AccountID? { actor?.id }
    /// The customer's friendlier variant.
    var isPortal: Bool { actor?.isStaff == false }
    var settings: TicketSettings { view.context.settings }
    var path: String {
        "/tickets/" + (ticket.number.hasPrefix("FT-") ? ticket.number : ticket.id.text)
    }
    var site: PageNames.Place? { ticket.site.flatMap { names.sites[$0] } }
    /// The other party's zone, for hovering: the site's, else the requester's.
    var otherZone: Zone? { site?.zone ?? ticket.requester.flatMap { names.people[$0]?.zone } }

    func t(_ key: String) -> String { call.t("ticket.page." + key) }
    func t(_ key: String, _ arguments: [String: String]) -> String {
        call.t("ticket.page." + key, arguments)
    }
    /// The customer's wording where there is one.
    func friendly(_ key: String) -> String {
        let portal = "portal." + key
        return t(isPortal && strings.has("ticket.page." + portal) ? portal : key)
    }

    /// A sentence in which people stand out and a grade is its mark; everything put in is text.
    func rich(_ key: String, _ arguments: [String: String]) -> HTML {
        var out: HTML = ""
        Strings.places(of: friendly(key)) { text, name in
            out += "\(text)"
            guard let name else { return }
            let value = arguments[name] ?? ""
            switch name {
            case "who", "engineer", "owner": out += "<b>\(value)</b>"
            case "priority": out += Priority(code: value).map(PageMarks.priority) ?? "\(value)"
            default: out += "\(value)"
            }
        }
        return out
    }

    /// A time with the other party's on hover.
    func time(_ t: Instant) -> HTML { times.short(t, other: otherZone) }
    func name(_ id: AccountID?) -> String { names.person(id) ?? t("someone") }
    func isAllowed(_ step: Step) -> Bool { allowed.contains(step) }

    // MARK: Assembly

    static func load(_ call: Call, _ tx: Transaction) throws -> TicketPage {
        var view = try TicketView.load(call.parameter("id"), tx)
        let ticket = view.ticket
        let seesInternal = TicketAccess.seesInternal(tx.actor)
        let work = try tx.pageWork(ticket.id)
        let linked = try tx.pageLinks(ticket)
        view.context = try Tickets.context(
            view,
            known: .init(
                holdsTask: work.tasks.contains { $0.owner != nil && $0.owner == tx.actor.id },
                openChildren: linked.openChildren), tx)
        let page = TicketPage(call: call, view: view, now: tx.now, seesInternal: seesInternal)
        page.tasks = seesInternal ? work.tasks : []
        page.visits = work.visits
        page.cycles = work.cycles
        page.links = linked.links
        page.history = try tx.history(of: Subject("ticket", ticket.id), publicOnly: !seesInternal)
        page.files = try tx.pageFiles(ticket.id, internalToo: seesInternal)
        page.unit = try SeenUnit(ticket, call, tx)
        try page.loadParts(tx)
        page.names = try tx.pageNames(
            ticket, accounts: page.mentioned,
            organizations: [ticket.organization, ticket.unit]
                + page.tasks.map(\.unit))
        if seesInternal, ticket.category == .quality, ticket.priority != nil {
            page.alike = try Tickets.sameFaults(ticket, tx)
        }
        page.clock = view.clock
        page.state = page.clock?.clock.state(at: tx.now)
        page.allowed = view.allowed(tx)
        page.chosen = page.asked
        if let step = page.chosen, page.isAllowed(step) {
            page.choices = try StepChoices.load(step, page, tx)
        }
        page.heldFiles = try HeldFiles.boxes(call, tx)
        return page
    }

    /// Everyone whom the page names.
    private var mentioned: [AccountID?] {
        let t = ticket
        var out: [AccountID?] = [
            t.requester, t.engineer, t.createdBy, t.gradedBy, t.cause?.by, t.solution?.by,
            t.solution?.answeredBy,
            t.interim?.by, t.interim?.answeredBy, t.decision?.by, t.completion?.by, t.attestation?.by,
            t.closure?.by, t.archive?.by, t.nextAction?.owner, t.proposal?.by, t.evaluation?.by,
            t.provisional?.by, me,
        ]
        out += tasks.map(\.owner) + visits.map(\.engineer) + t.selfApprovals.map(\.by)
        for row in history {
            out.append(row.actor)
            for field in ["engineer_id", "owner_id", "before"] {
                out.append(row.data[field]?.string.map { ID($0) })
            }
        }
        return out
    }

    /// The step that the address asks for; after a refused form, the one that was sent.
    private var asked: Step? {
        if call.method == "POST" {
            let parts = call.path.split(separator: "/").dropFirst(2)
            return Step(rawValue: parts.joined(separator: "/"))
        }
        return call.queryValue("do").flatMap(Step.init(rawValue:))
    }

    // MARK: The page

    /// The page of a ticket; shown again, with what is wrong, where one of its forms was refused.
    static func show(_ call: Call, _ tx: Transaction) throws -> Reply {
        let page = try load(call, tx)
        let title = page.ticket.number + " " + page.ticket.title
        return try Layout.page(
            call, tx, title: title, current: page.isPortal ? "/" : "/tickets",
            scripts: page.isUsingParts
                ? ["scan.js", "parts.js"] : page.chosen == .decision ? ["parts.js"] : [],
            page.html)
    }

    var html: HTML {
        """
        <div class="ticket"><div class="ticket-top stack" id="top" data-live="\(ticket.id)">\(top)</div>\
        <div class="stack">\(timeline)\(composer)</div>\
        <aside class="panel facts-col" id="facts" data-live="\(ticket.id)" aria-label="\(t("facts"))">\(facts)</aside></div>
        """
    }

    /// Opens a form of this page that posts to a step.
    func open(_ step: Step, multipart: Bool = false, class style: String = "form") -> HTML {
        Form(call).open(path + "/" + step.rawValue, class: style, multipart: multipart)
    }

    /// The address of a step's form.
    func address(_ step: Step) -> String { "\(path)?do=\(FormBody.encode(step.rawValue))#do" }
}
