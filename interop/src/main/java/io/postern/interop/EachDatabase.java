package io.postern.interop;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterClassTemplateInvocationCallback;
import org.junit.jupiter.api.extension.BeforeClassTemplateInvocationCallback;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Runs a class once for each kind of database; see {@link OnEachDatabase}. */
public final class EachDatabase implements ClassTemplateInvocationContextProvider {
  private static volatile boolean postgres;

  /** Whether the running test is for PostgreSQL; otherwise for H2. */
  public static boolean isPostgres() {
    return postgres;
  }

  @Override
  public boolean supportsClassTemplate(ExtensionContext context) {
    return true;
  }

  @Override
  public Stream<ClassTemplateInvocationContext> provideClassTemplateInvocationContexts(
      ExtensionContext context) {
    return Stream.of(new Kind("H2", false), new Kind("PostgreSQL", true));
  }

  private record Kind(String name, boolean isPostgres)
      implements ClassTemplateInvocationContext,
          BeforeClassTemplateInvocationCallback,
          AfterClassTemplateInvocationCallback {
    @Override
    public String getDisplayName(int invocationIndex) {
      return name;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return List.of(this);
    }

    @Override
    public void beforeClassTemplateInvocation(ExtensionContext context) {
      if (isPostgres) {
        PostgresServer.require();
        postgres = true;
      }
    }

    @Override
    public void afterClassTemplateInvocation(ExtensionContext context) {
      if (isPostgres && postgres) {
        postgres = false;
        PostgresServer.require().forget();
      }
    }
  }
}
