import ArgumentParser
import Gateway

/// `customersctl metrics`.
struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "Prints the running daemon's metrics in Prometheus' text format.",
        discussion: examples(
            "customersctl metrics | grep customersd_queue_length",
            "customersctl metrics > /var/lib/prometheus/node-exporter/customersd.prom",
            after:
                "The second is for node_exporter's textfile collector, where no web server is to serve /customers-metrics."
        ))

    @OptionGroup var options: ConfigurationOption
    @OptionGroup var control: ControlSocketOption

    func run() throws {
        try options.print { () throws(AdminError) in try options.session.metrics(socket: control.socket) }
    }
}
