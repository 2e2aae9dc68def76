package io.postern.node.interop;

import io.postern.xmtp.network.Node;
import io.postern.xmtp.network.NodeException;
import io.postern.xmtp.network.V3Node;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.SplittableRandom;

/**
 * One client's way to a node: requests or their answers are lost by chance, what may be repeated is
 * repeated, and when its process has died nothing gets through.
 */
final class UnsteadyNode {
  private static final int PERCENT = 100;

  private final V3Node node;
  private final SplittableRandom random; // its own lock
  private volatile int loss;
  private volatile boolean dead;

  UnsteadyNode(V3Node node, SplittableRandom random) {
    this.node = node;
    this.random = random;
  }

  Node asNode() {
    return (Node)
        Proxy.newProxyInstance(
            Node.class.getClassLoader(),
            new Class<?>[] {Node.class},
            (self, method, arguments) -> call(method, arguments));
  }

  /** From now on so many calls of a hundred come to grief. */
  void lose(int percent) {
    loss = percent;
  }

  void die() {
    dead = true;
  }

  private Object call(Method method, Object[] arguments) throws Throwable {
    if (method.getName().equals("subscribe") || method.getName().equals("close")) {
      return callNode(method, arguments);
    }
    int fate = next();
    if (dead || fate == 0) {
      throw lost(method);
    }
    var answer = callNode(method, arguments);
    if (fate == 1) {
      throw lost(method);
    }
    return fate == 2 && method.getName().startsWith("send") ? callNode(method, arguments) : answer;
  }

  private int next() {
    synchronized (random) {
      return random.nextInt(PERCENT) < loss ? random.nextInt(3) : 3;
    }
  }

  private static NodeException lost(Method method) {
    return new NodeException(NodeException.Kind.UNREACHABLE, method.getName() + " was lost");
  }

  private Object callNode(Method method, Object[] arguments) throws Throwable {
    try {
      return method.invoke(node, arguments);
    } catch (InvocationTargetException thrown) {
      throw thrown.getCause();
    }
  }
}
