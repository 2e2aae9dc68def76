package io.postern.mls.group;

import io.postern.mls.crypto.Secret;
import io.postern.mls.crypto.SignatureKeyPair;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The octets of every secret that can be reached from an object: the very arrays, so that one can
 * see them become zeros. Signature keys are left out, since they outlive groups. For tests.
 */
final class ReachableSecrets {
  private final Map<Object, Boolean> seen = new IdentityHashMap<>();
  private final Set<Secret> secrets = Collections.newSetFromMap(new IdentityHashMap<>());

  private ReachableSecrets() {}

  /** The arrays of secrets that are not erased. */
  static List<byte[]> of(Object root) {
    ReachableSecrets walk = new ReachableSecrets();
    walk.from(root);
    List<byte[]> octets = new ArrayList<>();
    for (Secret secret : walk.secrets) {
      if (!secret.isErased()) {
        octets.add((byte[]) field(secret, Secret.class, "octets"));
      }
    }
    return octets;
  }

  static boolean areZero(Collection<byte[]> secrets) {
    return secrets.stream().allMatch(each -> Arrays.equals(each, new byte[each.length]));
  }

  /** Those of {@code secrets} that are not in {@code kept}, by identity. */
  static List<byte[]> without(List<byte[]> secrets, List<byte[]> kept) {
    Set<byte[]> identities = Collections.newSetFromMap(new IdentityHashMap<>());
    identities.addAll(kept);
    return secrets.stream().filter(each -> !identities.contains(each)).toList();
  }

  private void from(Object root) {
    Deque<Object> open = new ArrayDeque<>();
    open.add(root);
    while (!open.isEmpty()) {
      Object at = open.remove();
      if (at instanceof SignatureKeyPair || seen.put(at, true) != null) {
        continue;
      }
      if (at instanceof Secret secret) {
        secrets.add(secret);
      } else {
        open.addAll(below(at));
      }
    }
  }

  private static Collection<Object> below(Object at) {
    List<Object> below = new ArrayList<>();
    if (at instanceof Collection<?> collection) {
      below.addAll(collection);
    } else if (at instanceof Map<?, ?> map) {
      below.addAll(new HashSet<>(map.keySet()));
      below.addAll(map.values());
    } else if (at instanceof Optional<?> optional) {
      optional.ifPresent(below::add);
    } else if (at instanceof Object[] array) {
      below.addAll(Arrays.asList(array));
    } else if (at.getClass().getName().startsWith("io.postern.mls.")) {
      for (Field field : at.getClass().getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          below.add(field(at, at.getClass(), field.getName()));
        }
      }
    }
    below.removeIf(Objects::isNull);
    return below;
  }

  private static Object field(Object of, Class<?> type, String name) {
    try {
      Field field = type.getDeclaredField(name);
      field.setAccessible(true);
      return field.get(of);
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
