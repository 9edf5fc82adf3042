import Base

/// What people of the demo world write where the ticket's own text is silent.
struct DemoWords: Sendable {
    let isEnglish: Bool

    init(_ language: String) { isEnglish = language == "en" }

    private func say(_ en: String, _ hans: String) -> String { isEnglish ? en : hans }

    var greeting: String {
        say(
            "Thank you for the report. I have it in hand and come back to you with a first finding today.",
            "您好，已收到，由我负责处理，今天内先给您一个初步判断。")
    }
    var progress: String {
        say(
            "A short note on where we are: the logs are evaluated, the remaining check runs tonight.",
            "进展说明：日志已分析完，剩下的一项检查今晚进行。")
    }
    var question: String {
        say(
            "Could you send us the log of the last 24 hours and the exact time of the last occurrence?",
            "请提供最近24小时的日志，以及最近一次出现的准确时间。")
    }
    var answer: String {
        say("The log is attached; the last time was this morning.", "日志已发，最近一次是今天早上。")
    }
    var receivedByPhone: String {
        say(
            "Reported by telephone to the site; entered as soon as a terminal was free.",
            "用户电话告知现场，随后补录。")
    }
    var busy: String {
        say(
            "I am on a site without connection until Thursday; please give it to a colleague.",
            "本周在无网络的站点出差，周四前无法处理，请改派同事。")
    }
    var approvedPlan: String {
        say(
            "Agreed. Resources are released as planned; report deviations of more than three days.",
            "同意。资源按计划投入，偏差超过三天须报告。")
    }
    var returnedSolution: String {
        say(
            "The effect on the other stations is not covered. Please add it and submit again.",
            "对其他站点的影响没有说明，请补充后重报。")
    }
    var refusedSolution: String {
        say(
            "This would take the station off the air during the morning briefing. Please find another slot.",
            "这样会影响早间业务时段，请另外安排时间。")
    }
    var amended: String {
        say(
            "\n\nAmended: the work is moved out of the operational hours, the other stations are checked too.",
            "\n\n补充：施工避开业务时段，其他站点同步排查。")
    }
    var returnedClosure: String {
        say(
            "The measured values are missing from the report. Please add them before we close.",
            "完成报告缺少实测数据，请补充后再关闭。")
    }
    var addedValues: String {
        say("\n\nMeasured values added; they are within the limits.", "\n\n已补充实测数据，均在指标范围内。")
    }
    var attestationReason: String {
        say(
            "Counted from the call to the site, which came before the entry; I confirm it as met.",
            "以现场接到电话的时间为准，录入晚于电话；我确认达标。")
    }
    var lateRating: String {
        say("Sorry for answering late, we were in the field.", "抱歉回复晚了，前段时间在外场。")
    }
    var closed: String { say("Done as agreed; thank you for your patience.", "按约定完成，感谢配合。") }
    var comesBack: String {
        say("The same symptom came back. Please look at it again.", "同样的现象又出现了，请再查。")
    }
    var objection: String {
        say(
            "We see it differently: the manual does not mention this. Please look at it once more.",
            "我们有不同意见：手册里没有写这一点，请重新考虑。")
    }
    var rarer: String {
        say(
            "No second case of this failure in twelve months; it is less common than we took it for.",
            "近十二个月没有第二例，比原先估计的少见。")
    }
    var emergency: String {
        say(
            "Danger to people and equipment; dispatched at once, approval to follow.",
            "涉及人身和设备安全，先行派工，审批后补。")
    }
    var withdrawn: String {
        say("No longer needed, please cancel.", "不再需要，申请撤销。")
    }
    var reclassified: String {
        say(
            "Calibration is within its limits; it is a matter of settings and becomes a request.",
            "标校在指标内，属参数设置问题，改按用户需求处理。")
    }
    var outOfReach: String {
        say(
            "No answer by several channels; closed until you write again, which reopens it at once.",
            "多次联系未果，先行关闭；您随时回复即重新打开。")
    }
    func attempt(_ n: Int) -> String {
        let en = ["Rang twice, no answer.", "Mail sent, no reply.", "Left word with the front desk."]
        let hans = ["电话两次无人接听。", "已发邮件，未回复。", "请前台转告，未回。"]
        return say(en[n % 3], hans[n % 3])
    }
    func nextAction(_ name: String) -> String {
        say("Evaluate the measurement and tell \(name) the result", "分析测量结果并告知\(name)")
    }
    func summary(_ title: String) -> String {
        say(
            "Complete and consistent: report, cause, solution, rating. Filed under: \(title)",
            "资料齐全：报告、原因、方案、评价均已核对。归档：\(title)")
    }
    var addendum: String {
        say(
            "Correction: the part number in the report is that of the earlier revision.",
            "更正：报告中的件号为旧版件号，以新版为准。")
    }

    /// Title, and what came of it, by kind of coordination.
    func task(_ kind: String) -> (title: String, result: String) {
        switch kind {
        case "people":
            (
                say("Second engineer for two days on site", "增派一名工程师到现场两天"),
                say("Named and on the way.", "人员已落实，已出发。")
            )
        case "technology":
            (
                say("Check the limits against the design file", "对照设计文件核对指标"),
                say("Checked: the limits hold.", "已核对，指标无误。")
            )
        case "management":
            (
                say("Clear the travel and the customs papers", "办理出差与报关手续"),
                say("Papers issued.", "手续已办妥。")
            )
        default:
            (
                say("Reserve and ship the parts", "预留并发运备件"),
                say("Shipped; the tracking number is in the parcel log.", "已发运，运单号见发货记录。")
            )
        }
    }
    var splitParts: [(title: String, description: String)] {
        [
            (
                say("Documents of the second part", "第二部分的资料"),
                say("The drawings and test sheets of the second part.", "第二部分的图纸和测试单。")
            ),
            (
                say("Training for the night shift", "夜班人员培训"),
                say("Half a day on the new operating panel.", "新操作面板培训半天。")
            ),
        ]
    }
}
