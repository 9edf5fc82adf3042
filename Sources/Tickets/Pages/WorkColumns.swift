import Base
import ServiceLevels
import Web

/// The columns that a table of tickets can show, on the page and in its export alike.
enum WorkColumn: String, CaseIterable, Sendable {
    case priority, ticket, state, turn, due, engineer, organization, project, site, category, nature, model
    case serial, requester, received, updated

    /// What is shown unless other columns are asked for. Customers have one organisation, and no use for
    /// the house's grades.
    static func standard(_ actor: Actor?) -> [WorkColumn] {
        actor?.isStaff == false
            ? [.ticket, .state, .turn, .due]
            : [.priority, .ticket, .state, .turn, .due, .engineer, .organization]
    }

    /// What `?columns=a,b` asks for, in the table's own order; unknown words are left out.
    static func chosen(_ call: Call) -> [WorkColumn] {
        guard let query = call.queryValue("columns"), !query.isEmpty else {
            return standard(call.caller?.actor)
        }
        let asked = Set(
            query.split(separator: ",").compactMap { WorkColumn(rawValue: String($0)) } + [.ticket])
        return allCases.filter { asked.contains($0) }
    }

    var nameKey: String { "work.column.\(rawValue)" }

    /// The order that a click on its head gives; nil where the column has none.
    var sort: TicketFilter.Sort? {
        switch self {
        case .due: .due
        case .received: .received
        case .updated: .updated
        default: nil
        }
    }

    func cell(_ call: Call, _ row: TicketRow, _ clock: WorkClock) -> HTML {
        switch self {
        case .priority: WorkParts.priority(call, row.priority)
        case .ticket:
            """
            <a class="title" href="\(WorkParts.path(row))">\(row.title)</a><div class="meta"><span class="num">\(row.number)</span>\
            \(HTML.when(row.cycle > 1, "<span>\(call.t("work.cycle", ["n": "\(row.cycle)"]))</span>"))</div>
            """
        case .state: WorkParts.state(call, row.state)
        case .turn: WorkParts.turn(call, row)
        case .due: WorkParts.clock(call, clock)
        case .received: row.receivedAt.map { WorkParts.when(call, $0) } ?? ""
        case .updated: WorkParts.when(call, row.updatedAt)
        case .serial: "<span class=\"sn\">\(row.serial)</span>"
        case .engineer, .requester: "<span class=\"nowrap\">\(text(call, row))</span>"
        default: "\(text(call, row))"
        }
    }

    /// What the column says, without marks: for exports.
    func text(_ call: Call, _ row: TicketRow) -> String {
        switch self {
        case .priority: row.priority?.code ?? ""
        case .ticket: row.title
        case .state: call.t(row.state.nameKey)
        case .turn:
            row.turn.party == .nobody
                ? "" : call.t(row.turn.party.nameKey) + " · " + call.t(row.turn.taskKey)
        case .due: row.clocks.due.map { call.zone.wall($0).text } ?? ""
        case .engineer: row.engineerName ?? ""
        case .organization: row.organizationName ?? ""
        case .project: row.projectName ?? ""
        case .site: row.siteName ?? ""
        case .category: row.category.map { call.t($0.nameKey) } ?? ""
        case .nature: row.nature.map { call.t($0.nameKey) } ?? ""
        case .model: row.model ?? ""
        case .serial: row.serial ?? ""
        case .requester: row.requesterName ?? ""
        case .received: row.receivedAt.map { call.zone.wall($0).text } ?? ""
        case .updated: call.zone.wall(row.updatedAt).text
        }
    }
}
