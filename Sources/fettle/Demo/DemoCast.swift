import Base
import Tickets

/// One thing that one person does at one instant.
struct DemoStep: Sendable {
    enum Action: Sendable {
        /// Opens the story's ticket.
        case open(JSON)
        /// A step of the ticket by its path in the API.
        case post(String, JSON)
        /// A step that replaces something and names the version it has seen.
        case put(String, JSON)
        /// Attests what the clock computed; with a reason, that the response was met all the same.
        case attest(reason: String?)
        case merge(into: Int)
        case split(JSON)
        /// A step of the n-th ticket that was split off.
        case part(Int, String, JSON)
        /// A coordination task by a name of its own, and its result.
        case task(String, JSON)
        case report(task: String, result: String)
        /// Acknowledges what waits for it in the person's notices about this ticket.
        case acknowledge
        case attach(DemoFile)
        /// The system finds that no rating came.
        case absence

        var isOfPart: Bool {
            if case .part = self { return true }
            return false
        }
    }

    var at: Instant
    /// The content's id of a person; empty for the system.
    var who: String
    /// Where the ticket stands afterwards.
    var state: TicketState
    var action: Action
}

/// Who plays which part in one ticket.
struct DemoCast: Sendable {
    static let onDuty = ["p-zhou-qiming", "p-han-xue"]
    static let managers = ["p-chen-lan", "p-xia-xiaoyu", "p-chen-lan", "p-luo-yi"]
    /// Away while the demo is looked at.
    static let onLeave = "p-gulinar"

    var requester, enterer, engineer, technicalLead, siteLead, manager, decider, archivist: String
    /// Another engineer of the project, to hand over to.
    var colleague: String
    var zones: [String: Zone]

    init(_ story: DemoContent.Story, _ content: DemoContent, isRecent: Bool, _ random: inout SeededRandom) {
        let project = content.project(story.project)
        requester = story.requester
        enterer = story.submittedBy
        let deputy =
            project.map { $0.deputy == story.engineer ? $0.contactPerson : $0.deputy } ?? story.engineer
        engineer =
            isRecent && story.engineer == DemoCast.onLeave
            ? project?.contactPerson ?? deputy : story.engineer
        colleague = deputy == DemoCast.onLeave ? "p-han-xue" : deputy
        technicalLead = project?.technicalLead ?? story.technicalLead
        siteLead = project?.siteLead ?? story.siteLead
        manager = random.pick(DemoCast.managers) ?? "p-chen-lan"
        decider = random.chance(0.8) ? "p-jia-yunshu" : "p-fang-zhengting"
        archivist = random.chance(0.6) ? "p-gu-mingzhe" : "p-meng-qiu"
        zones = Dictionary(
            content.people.map { ($0.id, Zone($0.timeZone) ?? .utc) }, uniquingKeysWith: { a, _ in a })
    }

    func zone(_ who: String) -> Zone { zones[who] ?? .utc }
}
