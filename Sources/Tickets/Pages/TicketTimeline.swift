import Base
import Inventory
import ServiceLevels
import Store
import Web

extension TicketPage {
    /// What the filter above the timeline shows.
    enum Showing: String, CaseIterable { case all, conversation, events }

    private var showing: Showing { call.queryValue("show").flatMap(Showing.init(rawValue:)) ?? .all }

    /// Conversation and events in one list, oldest first.
    var timeline: HTML {
        let chips = Showing.allCases.html { kind in
            """
            <a class="chip\(kind == showing ? " chip-on" : "")" href="\(path)\(kind == .all ? "" : "?show=" + kind.rawValue)#timeline"\
            \(HTML.when(kind == showing, " aria-current=\"true\""))>\(t("show." + kind.rawValue))</a>
            """
        }
        let entries = TimelineEntries(self).html(showing)
        return """
            <section class="stack" id="timeline" data-live="\(ticket.id)" aria-labelledby="timeline-title">\
            <div class="row"><h2 id="timeline-title">\(t("timeline"))</h2><span class="row row-end small">\(chips)</span></div>\
            \(entries.isEmpty ? "<p class=\"muted\">\(t("timeline.empty"))</p>" : "<ol class=\"timeline\">\(entries)</ol>" as HTML)</section>
            """
    }

    /// The chips of some files.
    func fileChips(_ files: [PageFile]) -> HTML {
        guard !files.isEmpty else { return "" }
        return """
            <div class="files">\(files.filter(\.isShown).html { file in
                "<a class=\"thumb\" href=\"/attachments/\(file.id)?show=1\"><img src=\"/attachments/\(file.id)?show=1\" alt=\"\(file.name)\" loading=\"lazy\" decoding=\"async\"></a>"
            })\(files.html(fileChip))</div>
            """
    }

    func fileChip(_ file: PageFile) -> HTML {
        """
        <a class="file" href="/attachments/\(file.id)">\(file.isInternal ? Icon.lock : file.isImage ? Icon.image : Icon.file)\
        <span>\(file.name)</span> <small>\(HeldFiles.size(file.size))</small></a>
        """
    }
}

/// The rows of a ticket's history as lines of its timeline.
struct TimelineEntries {
    private let page: TicketPage
    private var files: [Int64: [PageFile]] = [:]

    init(_ page: TicketPage) {
        self.page = page
        for file in page.files { if let fact = file.fact { files[fact, default: []].append(file) } }
    }

    private var call: Call { page.call }

    func html(_ showing: TicketPage.Showing) -> HTML {
        var out: HTML = ""
        var saidResponse = false
        var saidSolution = false
        var moved = showing == .conversation ? [] : page.partsMoved
        for row in page.history {
            while let part = moved.last, part.at < row.at { out += partMoved(moved.removeLast()) }
            let isMessage = isConversation(row)
            if isMessage, showing != .events { out += message(row) }
            guard showing != .conversation else { continue }
            if !isMessage { out += event(row) }
            if let clock = page.state {
                if !saidResponse, let at = clock.response.stoppedAt, row.at == at {
                    saidResponse = true
                    out += stopped("response", clock.response, row)
                }
                if !saidSolution, let at = clock.solution.stoppedAt, row.at == at,
                    page.ticket.solutionStoppedAt == at
                {
                    saidSolution = true
                    out += stopped("solution", clock.solution, row)
                }
            }
            if row.kind == "ticket.pause" {
                out += line(.pause, "dot-pause", "\(page.friendly("event.paused"))", row.at)
            }
        }
        return moved.reversed().reduce(out) { $0 + partMoved($1) }
    }

    // MARK: Messages

    private static let conversation: Set<String> = [
        "ticket.submission", "ticket.responses", "ticket.notes", "ticket.pause", "ticket.solution",
        "ticket.completion", "ticket.addenda", "ticket.objection", "ticket.solution/refusal",
        "ticket.rejection",
        "ticket.reopening",
    ]

    /// Something that a person said, as against something that happened.
    private func isConversation(_ row: HistoryRow) -> Bool {
        Self.conversation.contains(row.kind) && row.data["text"]?.string?.isEmpty == false
    }

    private func message(_ row: HistoryRow) -> HTML {
        let isInternal = row.visibility == .internal
        let isOutside = row.data["outside"]?.bool ?? false
        let isMe = row.actor != nil && row.actor == page.me
        let style = isInternal ? " msg-internal" : isMe ? " msg-own" : ""
        let who = actorName(row)
        let role =
            isOutside ? page.ticket.organization.flatMap { page.names.organizations[$0] } : nil
        return """
            <li id="n\(row.number)">\(Face.html(who, isOutside: isOutside, isMe: isMe, large: true))<article class="msg\(style)">\
            <header><strong>\(who)</strong>\(role.map { "<span class=\"muted small\">\($0)</span>" } ?? "" as HTML)\
            \(visibilityTag(isInternal))\(messageTag(row))\(page.time(row.at))</header>\
            <div class="body"\(Prose.languageAttribute(row.data["text"]?.string ?? "", page: call.language))>\
            \(Prose.html(row.data["text"]?.string ?? ""))\(page.fileChips(files[row.number] ?? []))</div></article></li>
            """
    }

    private func visibilityTag(_ isInternal: Bool) -> HTML {
        if isInternal { return "<span class=\"tag tag-internal\">\(Icon.lock)\(page.t("internal"))</span>" }
        return page.isPortal ? "" : "<span class=\"tag\">\(page.t("public"))</span>"
    }

    /// What kind of message it is, where it is more than a reply; the way it was said.
    private func messageTag(_ row: HistoryRow) -> HTML {
        var h: HTML = ""
        switch row.kind {
        case "ticket.submission", "ticket.responses", "ticket.notes": break
        case "ticket.solution":
            let isInterim = row.data["interim"]?.bool ?? false
            h += "<span class=\"tag tag-accent\">\(page.t(isInterim ? "tag.interim" : "tag.solution"))</span>"
        default:
            let name = String(row.kind.dropFirst("ticket.".count))
            h += "<span class=\"tag tag-accent\">\(page.friendly("tag." + name))</span>"
        }
        if let channel = row.data["channel"]?.string.flatMap(Channel.init(rawValue:)), channel != .web {
            h +=
                "<span class=\"tag\">\(channel == .phone ? Icon.phone : Icon.message)\(call.t(channel.nameKey))</span>"
        }
        return h
    }

    // MARK: Events

    private func actorName(_ row: HistoryRow) -> String {
        if let known = page.names.person(row.actor) { return known }
        if Actor.isJob(row.actorName) { return call.t("history.system") }
        return row.actorName
    }

    private func stopped(_ leg: String, _ state: LegState, _ row: HistoryRow) -> HTML {
        let verdict = call.t("levels.verdict.\(state.verdict.rawValue)")
        return line(
            .clock, state.verdict == .met ? "dot-ok" : "",
            page.rich(
                "event.stopped.\(leg)",
                [
                    "span": Times.span(state.elapsed),
                    "verdict": call.language == .english ? verdict.lowercased() : verdict,
                ]), row.at)
    }

    private func line(_ icon: Icon, _ style: String, _ sentence: HTML, _ at: Instant, _ more: HTML = "")
        -> HTML
    {
        """
        <li><span class="dot\(style.isEmpty ? "" : " " + style)">\(icon)</span>\
        <div class="event">\(sentence) \(page.time(at))\(more)</div></li>
        """
    }

    /// A part that went out or came back; its document says so, whoever wrote that.
    private func partMoved(_ part: TicketPart) -> HTML {
        line(
            TicketPage.icon(part), "",
            page.rich(
                "parts.event." + (part.kind?.rawValue ?? ""),
                [
                    "part": "\(page.isPortal ? part.name : part.partNumber) × \(part.quantity)",
                    "number": part.rma ?? part.number,
                ]), part.at)
    }

    /// One thing that happened; what nobody may know is not in the history that was read.
    private func event(_ row: HistoryRow) -> HTML {
        let name = row.kind.hasPrefix("ticket.") ? String(row.kind.dropFirst("ticket.".count)) : row.kind
        let (icon, style) = Self.look(name)
        var key = "fact." + name
        let text = row.data["text"]?.string
        switch name {
        case "submission": if text != nil { key = "fact.submission" }
        case "solution/acceptance" where row.data["interim"]?.bool == true: key += ".interim"
        case "decision", "closure": key += "." + (row.data["outcome"]?.string ?? "approved")
        case "tasks/result": key += row.data["done"]?.bool == false ? ".open" : ".done"
        case "evaluation" where row.data["late"]?.bool == true: key += ".late"
        case "assignment" where row.data["before"]?.string != nil: key += ".handover"
        case "sla_warning" where (row.data["percent"]?.int ?? 0) >= 100: key += ".over"
        case "part_used" where row.data["state"]?.string != "posted": key += ".asked"
        default: break
        }
        let isKnown = call.strings.has("ticket.page." + key)
        let sentence = page.rich(isKnown ? key : "fact.other", arguments(row, name))
        return line(icon, style, sentence, row.at, details(row, name, text))
    }

    /// What stands in the places of a fact's sentence.
    private func arguments(_ row: HistoryRow, _ name: String) -> [String: String] {
        let data = row.data
        var out = ["who": actorName(row), "kind": name]
        func person(_ field: String) -> String? {
            data[field]?.string.map { page.name(ID($0)) }
        }
        func instant(_ field: String) -> String? {
            data[field]?.string.flatMap { Instant(rfc3339: $0) }.map(page.times.fullText)
        }
        if let v = person("engineer_id") { out["engineer"] = v }
        if let v = person("owner_id") { out["owner"] = v }
        for field in ["at", "start_at", "end_at", "due_at", "answered_at"] {
            if let v = instant(field) { out[field] = v }
        }
        if let v = data["category"]?.string.flatMap(Category.init(rawValue:)) {
            out["category"] = call.t(v.nameKey)
        }
        if let v = data["channel"]?.string.flatMap(Channel.init(rawValue:)) {
            out["channel"] = call.t(v.nameKey)
        }
        if let v = data["kind"]?.string.flatMap(TaskKind.init(rawValue:)) { out["task"] = call.t(v.nameKey) }
        if let v = data["leg"]?.string.flatMap(Leg.init(rawValue:)) {
            let word = call.t("levels.leg.\(v.rawValue)")
            out["leg"] = call.language == .english ? word.lowercased() : word
        }
        if let v = data["percent"]?.int { out["percent"] = String(v) }
        for field in ["name", "number", "part"] { if let v = data[field]?.string { out[field] = v } }
        if let v = data["cycle"]?.int { out["cycle"] = String(v) }
        if let v = data["count"]?.int { out["count"] = String(v) }
        out["priority"] = data["priority"]?.string ?? data["to"]?.string ?? ""
        out["from"] = data["from"]?.string ?? ""
        out["levels"] = page.levels(data["axes"])
        if let minor = data["minor"]?.int { out["cost"] = Money.text(minor, data["currency"]?.string ?? "") }
        if name == "attestation" {
            for leg in ["response", "solution"] {
                let met = data[leg + "_met"]?.bool ?? false
                out[leg] = call.t(met ? "levels.verdict.met" : "levels.verdict.missed")
            }
        }
        for field in ["response", "attitude", "skill", "result"] where name == "evaluation" {
            if let v = data[field]?.int { out[field] = String(v) }
        }
        if name == "merge", let into = page.links.first(where: { $0.kind == .mergedInto }) {
            out["into"] = into.number
        }
        return out
    }

    /// What was written with it, and files.
    private func details(_ row: HistoryRow, _ name: String, _ text: String?) -> HTML {
        var h: HTML = ""
        if let text, !text.isEmpty, name != "submission" {
            h += "<div class=\"muted\">\(Prose.html(String(text.prefix(2000))))</div>"
        }
        if row.data["by_link"]?.bool == true {
            let maker = row.data["link_by_name"]?.string
            let key = maker == nil ? "record.evaluation.link" : "record.evaluation.link_by"
            h += "<div class=\"muted\">\(page.t(key, ["who": maker ?? ""]))</div>"
        }
        return h + page.fileChips(files[row.number] ?? [])
    }

    private static func look(_ name: String) -> (Icon, String) {
        switch name {
        case "submission": (.inbox, "")
        case "acknowledged": (.bell, "")
        case "escalated", "sla_warning", "approval_overdue", "emergency": (.alert, "")
        case "problem": (.link, "")
        case "proposal": (.flag, "")
        case "approval": (.check, "dot-ok")
        case "rejection", "cancellation", "solution/refusal": (.x, "")
        case "assignment", "acceptance", "refusal": (.user, "")
        case "attachments": (.clip, "")
        case "resumption", "resumed", "objection", "reopening": (.play, "")
        case "cause": (.edit, "dot-ok")
        case "solution", "solution/acceptance": (.wrench, "dot-ok")
        case "decision", "attestation": (.stamp, "dot-ok")
        case "completion", "closure": (.checkCircle, "dot-ok")
        case "evaluation", "evaluation/absence": (.message, "")
        case "contact-attempts": (.phone, "")
        case "archive": (.box, "dot-ok")
        case "tasks", "tasks/result": (.users, "")
        case "visits": (.calendar, "")
        case "next-action": (.clock, "")
        case "classification", "merge": (.swap, "")
        case "priority": (.flag, "")
        case "split": (.triage, "")
        case "part_used", "part_reserved", "part_released": (.box, "")
        case "shipment": (.truck, "")
        case "parts_arrived": (.truck, "dot-ok")
        case "parts_lost", "parts_withdrawn": (.alert, "")
        default: (.info, "")
        }
    }
}

/// What people wrote, as paragraphs, with the numbers of tickets as links.
enum Prose {
    /// Everything but ticket numbers and addresses is text.
    static func html(_ text: String) -> HTML {
        HTML.prose(text)
    }

    /// The language of a message where it is plainly not the page's: no Chinese character on a Chinese
    /// page, or mostly Chinese on an English one.
    static func languageAttribute(_ text: String, page: Language) -> HTML {
        var letters = 0
        var han = 0
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x41...0x5A, 0x61...0x7A: letters += 1
            case 0x4E00...0x9FFF:
                letters += 1
                han += 1
            case 0x80...: if scalar.properties.isAlphabetic { letters += 1 }
            default: break
            }
        }
        guard letters > 20 else { return "" }
        if page == .english { return han * 2 > letters ? " lang=\"zh\"" : "" }
        return han == 0 ? " lang=\"en\"" : ""
    }
}
