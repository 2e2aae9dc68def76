package io.postern.bridge;

import io.postern.node.LocalNode;
import io.postern.node.NodeException;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code postern node}: the local node alone, for official clients and tests. */
@Command(name = "node", description = "Serves the local XMTP node alone.")
final class NodeCommand implements Callable<Integer> {
  @Mixin private ConfigOption config;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    var settings = config.read().node();
    try (var stopped = new UntilStopped();
        var node = LocalNode.open(settings)) {
      var out = spec.commandLine().getOut();
      var address = new InetSocketAddress(settings.listen().getAddress(), node.port());
      out.println("ready node=" + Words.of(address));
      out.flush();
      stopped.await();
    } catch (NodeException failed) {
      throw new BridgeException(failed.getMessage(), failed);
    }
    return 0;
  }
}
