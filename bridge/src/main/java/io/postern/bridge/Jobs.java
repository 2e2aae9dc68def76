package io.postern.bridge;

import java.time.Duration;
import java.util.Date;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.Job;
import org.quartz.JobBuilder;
import org.quartz.JobExecutionContext;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.SimpleScheduleBuilder;
import org.quartz.TriggerBuilder;
import org.quartz.impl.StdSchedulerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What runs by the clock. One line each. A job that fails runs again at its time; the log tells
 * when failing begins and ends, and every mistake of ours.
 */
final class Jobs implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Jobs.class);
  private static final String TASK = "task";
  private static final String FAILING = "failing";

  private final Scheduler scheduler;

  private Jobs(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  /** A task of a job. */
  interface Task {
    void run() throws Exception;
  }

  /** Nothing runs before {@link #start}. */
  static Jobs open() throws BridgeException {
    var settings = new Properties();
    settings.setProperty("org.quartz.scheduler.instanceName", "postern-" + System.nanoTime());
    settings.setProperty("org.quartz.scheduler.skipUpdateCheck", "true");
    settings.setProperty("org.quartz.threadPool.threadCount", "2");
    settings.setProperty("org.quartz.threadPool.makeThreadsDaemons", "true");
    settings.setProperty("org.quartz.scheduler.makeSchedulerThreadDaemon", "true");
    settings.setProperty("org.quartz.jobStore.class", "org.quartz.simpl.RAMJobStore");
    try {
      return new Jobs(new StdSchedulerFactory(settings).getScheduler());
    } catch (SchedulerException impossible) {
      throw new BridgeException("the scheduler cannot be made", impossible);
    }
  }

  /** Runs a task again and again; a run that takes longer than the pause delays the next. */
  void every(Duration pause, String name, Task task) throws BridgeException {
    var job = JobBuilder.newJob(Run.class).withIdentity(name).build();
    job.getJobDataMap().put(TASK, task);
    job.getJobDataMap().put(FAILING, new AtomicBoolean());
    var schedule =
        SimpleScheduleBuilder.simpleSchedule()
            .withIntervalInMilliseconds(pause.toMillis())
            .withMisfireHandlingInstructionNextWithRemainingCount()
            .repeatForever();
    var trigger =
        TriggerBuilder.newTrigger()
            .withIdentity(name)
            .startAt(new Date(System.currentTimeMillis() + pause.toMillis()))
            .withSchedule(schedule)
            .build();
    try {
      scheduler.scheduleJob(job, trigger);
    } catch (SchedulerException impossible) {
      throw new BridgeException("the job " + name + " cannot be scheduled", impossible);
    }
  }

  void start() throws BridgeException {
    try {
      scheduler.start();
    } catch (SchedulerException impossible) {
      throw new BridgeException("the scheduler cannot be started", impossible);
    }
  }

  /** Returns when the running jobs are over. */
  @Override
  public void close() {
    try {
      scheduler.shutdown(true);
    } catch (SchedulerException ignored) {
      log.warn("the scheduler did not stop cleanly", ignored);
    }
  }

  /** Quartz makes these itself; the task comes with the job. */
  @DisallowConcurrentExecution
  public static final class Run implements Job {
    @Override
    public void execute(JobExecutionContext context) {
      var name = context.getJobDetail().getKey().getName();
      var failing = (AtomicBoolean) context.getMergedJobDataMap().get(FAILING);
      try {
        ((Task) context.getMergedJobDataMap().get(TASK)).run();
        if (failing.getAndSet(false)) {
          log.info("job={} works again", name);
        }
      } catch (Exception failed) {
        var away = StoreAway.reason(failed);
        if (failed instanceof RuntimeException && away.isEmpty()) {
          log.error("job={} failed", name, failed);
        } else if (!failing.getAndSet(true)) {
          log.warn("job={} fails reason={}", name, away.orElse(failed.getMessage()));
        }
      }
    }
  }
}
